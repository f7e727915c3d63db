package dev.hearth.cpu;

import dev.hearth.ffi.CpuKernels;
import dev.hearth.ffi.NativeLibrary;
import dev.hearth.spi.host.Workers;
import dev.hearth.tensor.DType;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * How fast this machine multiplies and adds with nothing to read: the limit of products and attention of many tokens. Goes by the
 * instruction set that the machine is best at, whichever an engine uses. A multiplication and an addition are two operations. Used by
 * one thread at a time.
 */
public final class ArithmeticPeak implements AutoCloseable {
    /** What is multiplied. */
    public enum Numbers {
        /** int8, summed in int32: block-quantised weights with rounded activations. */
        INT8(DType.A8_32),
        /** BF16, summed in F32: BF16 weights with rounded activations. */
        BF16(DType.BF16),
        /** F32. */
        F32(DType.F32);

        private final DType activation;

        Numbers(DType activation) {
            this.activation = activation;
        }
    }

    private static final long ROUNDS = 1 << 22; // some 12 ms, beside which starting the threads counts for nothing

    private final CpuKernels kernels;
    private final Workers workers;

    private ArithmeticPeak(CpuKernels kernels, int threads) {
        this.kernels = kernels;
        this.workers = new Workers("cpu", threads);
    }

    /** With so many threads, the caller's included; empty where there is no loop in C for the processor. */
    public static Optional<ArithmeticPeak> of(int threads) {
        return switch (NativeLibrary.open()) {
            case NativeLibrary.Loaded loaded
            when hasLoop(loaded.cpu().best()) ->
                Optional.of(new ArithmeticPeak(loaded.cpu().best(), threads));
            case NativeLibrary.Loaded loaded -> Optional.empty();
            case NativeLibrary.Unavailable none -> Optional.empty();
        };
    }

    private static boolean hasLoop(CpuKernels kernels) {
        return kernels.peakOperations(Numbers.F32.activation, 0).isPresent();
    }

    /** Computes for some milliseconds on every thread; how many operations that were. */
    public long compute(Numbers numbers) {
        var operations = new LongAdder();
        workers.run(workers.threadCount(), 1, (from, to) -> {
            OptionalLong done = kernels.peakOperations(numbers.activation, ROUNDS);
            operations.add(done.orElseThrow());
        });
        return operations.sum();
    }

    /** Operations a second of the best of so many passes of {@link #compute}. */
    public double bestOperationsPerSecond(Numbers numbers, int passes) {
        double best = 0;
        for (int i = 0; i < passes; i++) {
            long start = System.nanoTime();
            long operations = compute(numbers);
            best = Math.max(best, operations * 1e9 / (System.nanoTime() - start));
        }
        return best;
    }

    /** Stops the threads. */
    @Override
    public void close() {
        workers.close();
    }
}
