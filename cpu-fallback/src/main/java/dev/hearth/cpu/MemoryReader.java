package dev.hearth.cpu;

import dev.hearth.ffi.CpuKernels;
import dev.hearth.ffi.NativeLibrary;
import dev.hearth.spi.host.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How fast this machine reads memory that no cache holds: the limit of whatever reads weights. Each thread reads its own part, in C
 * where there is a library for the processor, else by a comparison that the JVM has vector instructions for. Used by one thread at a
 * time.
 */
public final class MemoryReader implements AutoCloseable {
    private static final long LINE = 128; // a pair of cache lines

    private final Arena arena = Arena.ofShared();
    private final Workers workers;
    private final Optional<CpuKernels> kernels;
    private final MemorySegment memory;
    private final long partBytes;
    private final AtomicLong seen = new AtomicLong();

    /**
     * Allocates and touches about so many bytes, in huge pages where the system allows.
     *
     * @param threads the caller's included
     */
    public MemoryReader(long bytes, int threads) {
        workers = new Workers("cpu", threads);
        kernels = switch (NativeLibrary.open()) {
            case NativeLibrary.Loaded loaded -> Optional.of(loaded.cpu().best());
            case NativeLibrary.Unavailable none -> Optional.empty();
        };
        partBytes = Math.max(1, bytes / threads / LINE) * LINE;
        memory = HugePages.allocator().allocate(arena, partBytes * threads, LINE);
        workers.run(threads, 1, this::fill);
    }

    private void fill(long from, long to) {
        part(from, to).fill((byte) 1);
    }

    private MemorySegment part(long from, long to) {
        return memory.asSlice(from * partBytes, (to - from) * partBytes);
    }

    /** What {@link #read} reads. */
    public long byteSize() {
        return memory.byteSize();
    }

    /** Reads everything once. */
    public void read() {
        workers.run(workers.threadCount(), 1, this::readPart);
    }

    private void readPart(long from, long to) {
        MemorySegment part = part(from, to);
        if (kernels.isPresent()) {
            seen.accumulateAndGet(kernels.get().read(part), (all, words) -> all ^ words);
        } else {
            long half = part.byteSize() / 2;
            seen.accumulateAndGet(part.asSlice(0, half).mismatch(part.asSlice(half)), (all, at) -> all ^ at);
        }
    }

    /** Bytes a second of the best of so many passes: a single one says more of its neighbours than of the machine. */
    public double bestBytesPerSecond(int passes) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < passes; i++) {
            long start = System.nanoTime();
            read();
            best = Math.min(best, System.nanoTime() - start);
        }
        return byteSize() * 1e9 / best;
    }

    /** Stops the threads and frees the memory. */
    @Override
    public void close() {
        workers.close();
        arena.close();
    }
}
