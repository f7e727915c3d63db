package dev.hearth.bench;

import dev.hearth.cpu.CpuBackendProvider;
import dev.hearth.spi.Backend;
import dev.hearth.spi.BackendOptions;
import dev.hearth.spi.Device;
import dev.hearth.spi.Ops;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.OptionalInt;

/** The CPU backend and memory that goes with it. */
final class CpuDevice implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final RandomWeights random = new RandomWeights(arena, 20260101);
    private final Backend backend;

    /**
     * Opens it.
     *
     * @param kernels what computes; see {@link CpuBackendProvider}
     * @param threads 0 for one a physical core
     */
    CpuDevice(String kernels, int threads) {
        System.setProperty("hearth.cpu.kernels", kernels);
        backend = new CpuBackendProvider()
                .open(new BackendOptions(threads == 0 ? OptionalInt.empty() : OptionalInt.of(threads)));
    }

    Device device() {
        return backend.devices().getFirst();
    }

    Ops ops() {
        return device().ops();
    }

    Arena arena() {
        return arena;
    }

    /** Random bits and numbers. */
    RandomWeights random() {
        return random;
    }

    /** F32 of about unit size. */
    Tensor floats(long rows, long width) {
        return Tensor.of(random.floats(rows * width), DType.F32, rows, width);
    }

    /** Zeros. */
    Tensor empty(DType type, long rows, long width) {
        return Tensor.of(arena.allocate(rows * type.bytes(width), 64), type, rows, width);
    }

    /** I32 [count, 1]: first, first + step and so on. */
    Tensor column(int count, int first, int step) {
        Tensor column = empty(DType.I32, count, 1);
        for (int i = 0; i < count; i++) {
            column.setInt(i, 0, first + i * step);
        }
        return column;
    }

    /** Stops the threads, then frees the memory. */
    @Override
    public void close() {
        backend.close();
        arena.close();
    }
}
