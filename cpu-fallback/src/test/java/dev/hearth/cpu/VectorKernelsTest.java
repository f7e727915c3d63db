package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.spi.Activation;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Batch;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.Epilogue;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.spi.NormSpec;
import dev.hearth.spi.Ops;
import dev.hearth.spi.Precision;
import dev.hearth.spi.host.HostOps;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.host.Parallel;
import dev.hearth.spi.host.Workers;
import dev.hearth.spi.reference.ScalarKernels;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The Vector API against the specification, bit for bit; a NaN equals any NaN. */
class VectorKernelsTest {
    private static final int[] TOKENS = {1, 2, 3, 8, 9, 16, 17, 33};

    private final Samples samples = new Samples(20260101);
    private final HostOps scalar = ScalarKernels.ops();

    @AfterEach
    void free() {
        scalar.close();
        samples.close();
    }

    /** The build runs this class thrice, the JVM held to 128 and 256 bits; on a machine with fewer bits two runs are alike. */
    @Test
    void width_isNoMoreThanTheRunAllows() {
        int most = Integer.getInteger("hearth.test.vectorBits", 512);
        assertThat(VectorKernels.vectorBits()).isBetween(128, most);
    }

    static Stream<Arguments> weightsAndWidths() {
        List<Arguments> all = new ArrayList<>();
        for (DType type : List.of(DType.F32, DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0, DType.Q4_K, DType.Q6_K)) {
            for (int width : new int[] {1, 7, 16, 17, 31, 32, 48, 64, 96, 256, 512, 1024, 1056, 2304}) {
                if (width % type.blockSize() == 0) {
                    all.add(Arguments.of(type, width));
                }
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("weightsAndWidths")
    void linear_agreesWithScalar(DType type, int width) {
        for (int tokens : TOKENS) {
            HostWeight weight = samples.weight(type, 19, width);
            linear(samples.floats(tokens, width), weight, Epilogue.NONE);
            if (type.isQuantised()) {
                linear(samples.codes(Precision.FAST.activation(type), tokens, width), weight, Epilogue.NONE);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("weightsAndWidths")
    void linear_agreesOnExtremes(DType type, int width) {
        for (HostWeight weight : List.of(samples.anyBits(type, 33, width), samples.weight(type, 5, width))) {
            linear(samples.extremes(3, width), weight, Epilogue.NONE);
            linear(samples.with(samples.floats(2, width), Float.POSITIVE_INFINITY), weight, Epilogue.NONE);
            linear(samples.with(samples.floats(1, width), Float.NaN), weight, Epilogue.NONE);
            linear(samples.empty(DType.F32, 2, width), weight, Epilogue.NONE);
            if (type.isQuantised()) {
                Tensor x = samples.with(samples.extremes(3, width), Float.NEGATIVE_INFINITY);
                linear(rounded(x, type), weight, Epilogue.NONE);
                linear(samples.codes(Precision.FAST.activation(type), 3, width), weight, Epilogue.NONE);
                linear(rounded(samples.extremes(18, width), type), weight, Epilogue.NONE);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"Q8_0", "Q4_0", "Q4_K", "Q6_K"})
    void linear_isExactForLeastAndGreatestCodes(DType type) {
        DType rounded = Precision.FAST.activation(type);
        for (int code : new int[] {0, 0x7f, 0x80, 0xff}) {
            for (int activation : new int[] {-128, -127, 127}) {
                Tensor x = samples.codes(rounded, 35, 1024, () -> activation);
                HostWeight weight = samples.constant(type, 4, 1024, code);
                linear(x, weight, Epilogue.NONE);
                linear(x.rows(0, 2), weight, Epilogue.NONE);
            }
        }
    }

    @Test
    void linear_addsBias() {
        for (DType type : List.of(DType.F32, DType.Q8_0)) {
            Epilogue bias = new Epilogue(samples.weight(DType.F32, 1, 37));
            linear(samples.floats(3, 64), samples.weight(type, 37, 64), bias);
        }
    }

    @Test
    void linear_hasTheSameBitsWhateverTheBatch() {
        for (DType type : List.of(DType.BF16, DType.Q8_0, DType.Q4_0, DType.Q4_K, DType.Q6_K)) {
            HostWeight weight = samples.weight(type, 40, 512);
            Tensor x = rounded(samples.floats(130, 512), type); // more tokens than a chunk holds
            Tensor all = samples.empty(DType.F32, 130, 40);
            try (HostOps ops = new HostOps(new VectorKernels(), new Splitter(3))) {
                ops.linear(all, x, weight, Epilogue.NONE);
                for (int t : new int[] {0, 1, 63, 64, 129}) {
                    Tensor one = samples.empty(DType.F32, 1, 40);
                    ops.linear(one, x.rows(t, 1), weight, Epilogue.NONE);
                    assertSame(all.rows(t, 1), one);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void threads_changeNoBit(int threads) {
        HostWeight weight = samples.weight(DType.Q4_K, 70, 512);
        Tensor x = rounded(samples.floats(17, 512), DType.Q4_K);
        Tensor expected = samples.empty(DType.F32, 17, 70);
        scalar.linear(expected, x, weight, Epilogue.NONE);
        KvView kv = samples.cache(new KvLayout(1, 3, 64, 16, CacheType.F16), 0, 1, 600);
        Batch batch = samples.batch(new int[] {597, 598, 599}, new int[3]);
        AttentionSpec spec = new AttentionSpec(6, 0.125f, 0, AttentionSpec.NO_WINDOW);
        Tensor q = samples.floats(3, 6 * 64);
        Tensor attended = samples.empty(DType.F32, 3, 6 * 64);
        scalar.attend(attended, q, kv, spec, batch);
        try (Workers workers = new Workers("cpu", threads);
                HostOps ops = new HostOps(new VectorKernels(), workers)) {
            Tensor found = samples.empty(DType.F32, 17, 70);
            ops.linear(found, x, weight, Epilogue.NONE);
            assertSame(expected, found);
            found = samples.empty(DType.F32, 3, 6 * 64);
            ops.attend(found, q, kv, spec, batch);
            assertSame(attended, found);
        }
    }

    private Tensor rounded(Tensor x, DType weight) {
        DType type = Precision.FAST.activation(weight);
        if (type == DType.F32) {
            return x;
        }
        Tensor rounded = samples.empty(type, x.rows(), x.width());
        scalar.quantize(rounded, x);
        return rounded;
    }

    private void linear(Tensor x, HostWeight weight, Epilogue epilogue) {
        agree(
                samples.empty(DType.F32, x.rows(), weight.shape().rows()),
                (ops, out) -> ops.linear(out, x, weight, epilogue));
    }

    @ParameterizedTest
    @CsvSource({
        "16, 4, 4, F32, 0, 2147483647",
        "32, 4, 2, F16, 0, 2147483647",
        "48, 6, 2, F32, 50, 2147483647",
        "64, 7, 1, F16, 0, 100",
        "80, 4, 4, F16, 30, 300",
        "128, 8, 2, F32, 0, 1",
        "128, 2, 1, F16, 0, 257",
        "20, 3, 1, F32, 0, 2147483647",
        "8, 2, 2, F16, 0, 5",
        "64, 8, 2, BF16, 0, 300",
        "128, 8, 2, INT8, 0, 300",
        "23, 5, 1, INT8, 30, 2147483647"
    })
    void attend_agreesWithScalar(int dim, int heads, int keyHeads, CacheType type, float softcap, int window) {
        for (int pageSize : new int[] {16, 5, 256}) {
            KvView kv = samples.cache(new KvLayout(2, keyHeads, dim, pageSize, type), 1, 3, 800);
            AttentionSpec spec = new AttentionSpec(heads, 1 / (float) Math.sqrt(dim), softcap, window);
            int[] positions = {0, 1, 14, 15, 16, 17, 255, 256, 257, 511, 512, 799};
            int[] sequences = {2, 2, 2, 2, 2, 2, 0, 0, 0, 1, 1, 1};
            Batch batch = samples.batch(positions, sequences);
            Tensor q = samples.floats(positions.length, (long) heads * dim);
            agree(samples.empty(DType.F32, q.rows(), q.width()), (ops, out) -> ops.attend(out, q, kv, spec, batch));
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {0f, Float.POSITIVE_INFINITY, Float.NaN, 1e38f, 1e-40f})
    void attend_agreesOnExtremes(float extreme) {
        KvView kv = samples.cache(new KvLayout(1, 1, 32, 16, CacheType.F32), 0, 1, 600);
        int[] positions = {3, 599};
        Batch batch = samples.batch(positions, new int[2]);
        for (float softcap : new float[] {0, 20}) {
            AttentionSpec spec = new AttentionSpec(2, 0.2f, softcap, AttentionSpec.NO_WINDOW);
            Tensor q = samples.with(samples.extremes(2, 64), extreme);
            agree(samples.empty(DType.F32, 2, 64), (ops, out) -> ops.attend(out, q, kv, spec, batch));
            Tensor zero = samples.empty(DType.F32, 2, 64);
            agree(samples.empty(DType.F32, 2, 64), (ops, out) -> ops.attend(out, zero, kv, spec, batch));
        }
    }

    @ParameterizedTest
    @CsvSource({"32, 32", "64, 16", "1056, 1056", "256, 64", "48, 48", "100, 100", "30, 10"})
    void addNorm_agreesWithScalar(int width, int group) {
        HostWeight weight = samples.weight(DType.F32, 1, group);
        NormSpec spec = new NormSpec(group, 1e-6f);
        for (Tensor residual : List.of(
                samples.floats(5, width),
                samples.extremes(5, width),
                samples.empty(DType.F32, 1, width),
                samples.with(samples.floats(2, width), Float.NaN))) {
            Tensor delta = samples.floats(residual.rows(), width);
            agree(
                    samples.empty(DType.F32, residual.rows(), width),
                    (ops, out) -> ops.norm(out, residual, weight, spec));
            agree(residual, (ops, inOut) -> ops.norm(inOut, inOut, weight, spec));
            agree(residual, (ops, inOut) -> {
                Tensor out = samples.empty(DType.F32, inOut.rows(), width);
                ops.addNorm(out, inOut, delta, weight, spec);
                ops.add(inOut, out); // so that both results are compared
            });
            agree(residual, (ops, inOut) -> {
                Tensor out = samples.empty(DType.F32, inOut.rows(), width);
                ops.layerNorm(out, inOut, delta, weight, null, spec);
                ops.layerNorm(inOut, inOut, null, weight, weight, spec);
                ops.add(inOut, out); // so that both results are compared
            });
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 15, 16, 17, 64, 1000})
    void elementwise_agreesWithScalar(int width) {
        Tensor wide = samples.empty(DType.F32, 2, width);
        for (int i = 0; i < width; i++) {
            wide.setFloat(0, i, (i - width / 2) * 210f / width); // from one end of exp to the other
            wide.setFloat(1, i, (i - width / 2) * 0.01f);
        }
        for (Tensor x : List.of(
                wide,
                samples.floats(3, width),
                samples.extremes(3, width),
                samples.with(samples.floats(2, width), Float.NaN),
                samples.with(samples.floats(2, width), Float.NEGATIVE_INFINITY),
                samples.with(samples.floats(2, width), Float.POSITIVE_INFINITY))) {
            Tensor y = samples.extremes(x.rows(), width);
            agree(x, (ops, inOut) -> ops.add(inOut, y));
            agree(x, (ops, inOut) -> ops.softcap(inOut, 30));
            for (Activation activation : Activation.values()) {
                agree(x, (ops, inOut) -> ops.gate(inOut, inOut, y, activation));
                agree(x, (ops, inOut) -> ops.activate(inOut, activation));
            }
        }
    }

    @Test
    void exp_agreesOnEveryExponent() {
        Tensor x = samples.empty(DType.F32, 256, 64);
        for (int exponent = 0; exponent < 256; exponent++) {
            for (int i = 0; i < 64; i++) {
                x.setFloat(exponent, i, Float.intBitsToFloat((i & 1) << 31 | exponent << 23 | i * 0x1f3a7));
            }
        }
        Tensor ones = samples.empty(DType.F32, 256, 64);
        agree(x, (ops, inOut) -> ops.gate(inOut, inOut, ones, Activation.SILU));
        agree(x, (ops, inOut) -> ops.softcap(inOut, 1));
    }

    @ParameterizedTest
    @EnumSource(names = {"A8_32", "A8_256"})
    void quantize_agreesWithScalar(DType type) {
        for (int blocks : new int[] {1, 2, 3, 9}) {
            long width = (long) blocks * type.blockSize();
            Tensor ties = samples.empty(DType.F32, 1, width);
            for (long i = 0; i < width; i++) {
                ties.setFloat(0, i, i == 0 ? 127 : i % 127 - 63.5f); // scale 1: every value is a tie
            }
            Tensor small = samples.floats(2, width);
            for (long i = 0; i < width; i++) {
                small.setFloat(0, i, small.getFloat(0, i) * 0x1p-100f); // about the least scale
                small.setFloat(1, i, small.getFloat(1, i) * 0x1p-135f);
            }
            for (Tensor x : List.of(
                    ties,
                    small,
                    samples.floats(17, width),
                    samples.extremes(5, width),
                    samples.empty(DType.F32, 1, width),
                    samples.with(samples.floats(2, width), Float.NaN),
                    samples.with(samples.floats(2, width), Float.NEGATIVE_INFINITY))) {
                agree(samples.empty(type, x.rows(), width), (ops, out) -> ops.quantize(out, x));
            }
        }
    }

    /** Runs an operation on copies of {@code inOut} by both, with ranges cut for one to four threads. */
    private void agree(Tensor inOut, BiConsumer<Ops, Tensor> operation) {
        Tensor expected = samples.copy(inOut);
        operation.accept(scalar, expected);
        for (int threads : new int[] {1, 4}) {
            Tensor found = samples.copy(inOut);
            try (HostOps ops = new HostOps(new VectorKernels(), new Splitter(threads))) {
                operation.accept(ops, found);
            }
            assertSame(expected, found);
        }
    }

    private static void assertSame(Tensor expected, Tensor found) {
        for (long t = 0; t < expected.rows(); t++) {
            assertThat(bits(found, t)).as("%s, row %s", expected, t).isEqualTo(bits(expected, t));
        }
    }

    private static int[] bits(Tensor tensor, long t) {
        boolean floats = tensor.type() == DType.F32;
        int size = Math.toIntExact(floats ? tensor.width() : Samples.rowBytes(tensor));
        return IntStream.range(0, size)
                .map(i -> floats
                        ? Float.floatToIntBits(tensor.getFloat(t, i))
                        : tensor.segment().get(ValueLayout.JAVA_BYTE, t * tensor.rowBytes() + i))
                .toArray();
    }

    /** Cuts ranges as threads would, without threads. */
    private record Splitter(int parts) implements Parallel {
        @Override
        public void run(long count, long grain, Range range) {
            for (int i = 0; i < parts; i++) {
                range.run(count * i / parts, count * (i + 1) / parts);
            }
        }
    }
}
