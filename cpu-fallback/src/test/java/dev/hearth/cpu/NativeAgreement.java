package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.ffi.CpuKernels;
import dev.hearth.spi.Epilogue;
import dev.hearth.spi.KvView;
import dev.hearth.spi.Ops;
import dev.hearth.spi.Precision;
import dev.hearth.spi.host.HostOps;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.host.Parallel;
import dev.hearth.spi.reference.ScalarKernels;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.HostBuffer;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** Compares the C kernels of every instruction set with the specification, bit for bit; a NaN equals any NaN. */
class NativeAgreement {
    @BeforeAll
    static void findLibrary() {
        TestLibrary.cpu();
    }

    final Samples samples = new Samples(20260102);
    final Arena arena = Arena.ofConfined();
    final HostOps scalar = ScalarKernels.ops();

    @AfterEach
    void free() {
        scalar.close();
        samples.close();
        arena.close();
    }

    /** Rows of every kind: usual, extreme, zero, and with what isn't a number. */
    List<Tensor> inputs(int width) {
        return List.of(
                samples.floats(5, width),
                samples.extremes(5, width),
                samples.empty(DType.F32, 1, width),
                samples.with(samples.floats(2, width), Float.NaN),
                samples.with(samples.floats(2, width), Float.NEGATIVE_INFINITY),
                samples.with(samples.floats(2, width), Float.POSITIVE_INFINITY));
    }

    /** Floats on and beside the midpoints between neighbouring halves, and about the least and greatest of them. */
    Tensor halves(long rows, long width) {
        Tensor tensor = samples.floats(rows, width);
        for (long i = 0; i < rows * width; i++) {
            float half = Float.float16ToFloat((short) (i * 7919 & 0x7bff));
            float next = Float.float16ToFloat((short) ((i * 7919 & 0x7bff) + 1));
            float middle = i % 7 == 0 ? 65520 : half + (next - half) / 2;
            float value = i % 3 == 0 ? middle : i % 3 == 1 ? Math.nextUp(middle) : -Math.nextDown(middle);
            tensor.setFloat(i / width, i % width, value);
        }
        return tensor;
    }

    /** A weight that begins at an odd address, as safetensors files may have them. */
    HostWeight unaligned(HostWeight weight) {
        long bytes = weight.data().byteSize();
        MemorySegment data = arena.allocate(bytes + 1, 64).asSlice(1, bytes).copyFrom(weight.data());
        return new HostWeight(
                weight.name(), weight.type(), Shape.of(weight.shape().sizes()), data);
    }

    Tensor rounded(Tensor x, DType weight) {
        DType type = Precision.FAST.activation(weight);
        if (type == DType.F32) {
            return x;
        }
        Tensor rounded = samples.empty(type, x.rows(), x.width());
        scalar.quantize(rounded, x);
        return rounded;
    }

    void linear(Tensor x, HostWeight weight, Epilogue epilogue) {
        agree(
                samples.empty(DType.F32, x.rows(), weight.shape().rows()),
                (ops, out) -> ops.linear(out, x, weight, epilogue));
    }

    /** Runs an operation on copies of {@code inOut} by all, with ranges cut for one and four threads. */
    void agree(Tensor inOut, BiConsumer<Ops, Tensor> operation) {
        Tensor expected = samples.copy(inOut);
        operation.accept(scalar, expected);
        for (CpuKernels set : TestLibrary.cpu().usable()) {
            for (int threads : new int[] {1, 5}) { // five, which few tasks divide by: heads are split
                Tensor found = samples.copy(inOut);
                try (HostOps ops = new HostOps(new NativeKernels(set), new Splitter(threads))) {
                    operation.accept(ops, found);
                }
                assertSame(expected, found, set);
            }
        }
    }

    static void assertSame(Tensor expected, Tensor found, CpuKernels set) {
        for (long t = 0; t < expected.rows(); t++) {
            assertThat(bits(found, t)).as("%s: %s, row %s", set, expected, t).isEqualTo(bits(expected, t));
        }
    }

    static int[] bits(Tensor tensor, long t) {
        boolean words = tensor.type() == DType.F32 || tensor.type() == DType.I32;
        int size = Math.toIntExact(words ? tensor.width() : Samples.rowBytes(tensor));
        return IntStream.range(0, size)
                .map(i -> switch (tensor.type()) {
                    case F32 -> Float.floatToIntBits(tensor.getFloat(t, i));
                    case I32 -> tensor.getInt(t, i);
                    default -> tensor.segment().get(ValueLayout.JAVA_BYTE, t * tensor.rowBytes() + i);
                })
                .toArray();
    }

    static MemorySegment pool(KvView kv) {
        return ((HostBuffer) kv.pool()).segment();
    }

    /** Cuts ranges as threads would, without threads. */
    record Splitter(int parts) implements Parallel {
        @Override
        public void run(long count, long grain, Range range) {
            for (int i = 0; i < parts; i++) {
                range.run(count * i / parts, count * (i + 1) / parts);
            }
        }

        @Override
        public int threadCount() {
            return parts;
        }
    }
}
