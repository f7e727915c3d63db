package dev.hearth.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Memory that each thread has to itself until it asks for more; it grows to the largest request. Safe for any thread. */
final class ThreadScratch implements AutoCloseable {
    private static final long ALIGNMENT = 64;
    private static final long LEAST = 1 << 16;

    private final ConcurrentLinkedQueue<Holder> holders = new ConcurrentLinkedQueue<>();
    private final ThreadLocal<Holder> own = ThreadLocal.withInitial(this::register);
    private volatile boolean closed;

    private Holder register() {
        Holder holder = new Holder();
        holders.add(holder);
        return holder;
    }

    /**
     * At least so many bytes, which belong to the calling thread until its next call.
     *
     * @throws IllegalStateException once closed
     */
    MemorySegment take(long bytes) {
        if (closed) {
            throw new IllegalStateException("scratch: expected open kernels, found closed ones");
        }
        return bytes == 0 ? MemorySegment.NULL : own.get().atLeast(bytes);
    }

    /** Bytes that a thread holds after it has asked for so many. */
    static long held(long bytes) {
        return bytes <= LEAST ? LEAST : Long.highestOneBit(bytes - 1) << 1;
    }

    /** Bytes that all threads hold now. */
    long byteSize() {
        return holders.stream().mapToLong(Holder::byteSize).sum();
    }

    /** Frees the memory of all threads. None may be computing, nor begin to. */
    @Override
    public void close() {
        closed = true;
        holders.forEach(Holder::free);
        holders.clear();
    }

    /** One thread's memory; written by that thread, freed by the one that closes. */
    private static final class Holder {
        private Arena arena = Arena.ofShared();
        private MemorySegment memory = MemorySegment.NULL;

        synchronized MemorySegment atLeast(long bytes) {
            if (memory.byteSize() < bytes) {
                arena.close();
                arena = Arena.ofShared();
                memory = arena.allocate(held(bytes), ALIGNMENT);
            }
            return memory;
        }

        synchronized long byteSize() {
            return memory.byteSize();
        }

        synchronized void free() {
            if (arena.scope().isAlive()) {
                arena.close();
            }
        }
    }
}
