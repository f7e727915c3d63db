package dev.hearth.cli;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * How fast this machine reads memory that no cache holds: the limit of whatever reads weights. Threads compare equal halves of their
 * parts, for which the JVM has vector instructions; on a machine whose C reader made 39 GB/s with one thread and 47 with two, it made 37
 * and 47. Used by one thread at a time.
 */
public final class MemoryReader implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final List<MemorySegment> halves = new ArrayList<>(); // two a thread
    private final long byteSize;

    /** Allocates and touches about so many bytes. */
    public MemoryReader(long bytes, int threads) {
        long half = Math.max(64, bytes / threads / 2);
        for (int i = 0; i < 2 * threads; i++) {
            halves.add(arena.allocate(half, 64).fill((byte) 1));
        }
        byteSize = 2 * half * threads;
    }

    /** What {@link #read} reads. */
    public long byteSize() {
        return byteSize;
    }

    /** Reads everything once. */
    public void read() {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < halves.size(); i += 2) {
            MemorySegment one = halves.get(i);
            MemorySegment other = halves.get(i + 1);
            threads.add(Thread.ofPlatform().daemon().start(() -> compare(one, other)));
        }
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true; // the memory has to outlast the threads
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void compare(MemorySegment one, MemorySegment other) {
        if (one.mismatch(other) != -1) {
            throw new IllegalStateException("memory reader: two equal segments differ");
        }
    }

    /** Bytes a second over so many passes. */
    public double bytesPerSecond(int passes) {
        long start = System.nanoTime();
        for (int i = 0; i < passes; i++) {
            read();
        }
        return passes * byteSize * 1e9 / (System.nanoTime() - start);
    }

    @Override
    public void close() {
        arena.close();
    }
}
