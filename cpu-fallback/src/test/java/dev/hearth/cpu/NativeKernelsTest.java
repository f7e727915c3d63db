package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.ffi.CpuKernels;
import dev.hearth.ffi.CpuLibrary;
import dev.hearth.ffi.NativeLibrary;
import dev.hearth.spi.Activation;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Batch;
import dev.hearth.spi.Epilogue;
import dev.hearth.spi.ExpertWeights;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.spi.NormSpec;
import dev.hearth.spi.Ops;
import dev.hearth.spi.Precision;
import dev.hearth.spi.RopeSpec;
import dev.hearth.spi.RoutingSpec;
import dev.hearth.spi.Weight;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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

/** The C kernels of every instruction set against the specification, bit for bit; a NaN equals any NaN. */
class NativeKernelsTest {
    private static final int[] TOKENS = {1, 2, 3, 4, 5, 8, 9, 16, 17, 33};
    private static final List<DType> WEIGHTS =
            List.of(DType.F32, DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0, DType.Q4_K, DType.Q6_K);

    private static final CpuLibrary LIBRARY = library();

    private final Samples samples = new Samples(20260102);
    private final Arena arena = Arena.ofConfined();
    private final HostOps scalar = ScalarKernels.ops();

    @AfterEach
    void free() {
        scalar.close();
        samples.close();
        arena.close();
    }

    private static CpuLibrary library() {
        return switch (NativeLibrary.open()) {
            case NativeLibrary.Loaded loaded -> loaded.cpu();
            case NativeLibrary.Unavailable none -> throw new AssertionError(none.reason());
        };
    }

    static Stream<Arguments> weightsAndWidths() {
        List<Arguments> all = new ArrayList<>();
        for (DType type : WEIGHTS) {
            for (int width : new int[] {1, 7, 31, 32, 33, 48, 100, 256, 288, 768, 1056, 2304}) {
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
        HostWeight weight = unaligned(samples.weight(type, 43, width));
        for (int tokens : TOKENS) {
            Tensor x = samples.floats(tokens, width);
            linear(x, weight, Epilogue.NONE);
            if (type.isQuantised()) {
                linear(rounded(x, type), weight, Epilogue.NONE);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("weightsAndWidths")
    void linear_agreesOnExtremes(DType type, int width) {
        for (HostWeight weight : List.of(samples.anyBits(type, 33, width), samples.weight(type, 5, width))) {
            for (Tensor x : List.of(
                    samples.extremes(6, width),
                    samples.with(samples.floats(2, width), Float.POSITIVE_INFINITY),
                    samples.with(samples.floats(1, width), Float.NaN),
                    samples.empty(DType.F32, 5, width))) {
                linear(x, weight, Epilogue.NONE);
                if (type.isQuantised()) {
                    linear(rounded(x, type), weight, Epilogue.NONE);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"Q8_0", "Q4_0", "Q4_K", "Q6_K"})
    void linear_isExactForLeastAndGreatestCodes(DType type) {
        for (int code : new int[] {0, 0x7f, 0x80, 0xff}) {
            for (int tokens : new int[] {1, 2, 4, 7}) {
                for (float activation : new float[] {-3, 3}) {
                    Tensor x = samples.empty(DType.F32, tokens, 1024);
                    for (long i = 0; i < tokens * 1024L; i++) {
                        x.setFloat(i / 1024, i % 1024, activation);
                    }
                    linear(rounded(x, type), samples.constant(type, 19, 1024, code), Epilogue.NONE);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "BF16", "Q8_0", "Q4_K"})
    void linear_addsBias(DType type) {
        Epilogue bias = new Epilogue(unaligned(samples.weight(DType.F32, 1, 37)));
        for (int tokens : new int[] {1, 5}) {
            Tensor x = samples.floats(tokens, 256);
            linear(x, samples.weight(type, 37, 256), bias);
            linear(rounded(x, type), samples.weight(type, 37, 256), bias);
        }
    }

    @Test
    void linear_hasTheSameBitsWhateverTheBatch() {
        for (DType type : WEIGHTS) {
            HostWeight weight = samples.weight(type, 40, 512);
            Tensor x = rounded(samples.floats(70, 512), type);
            for (CpuKernels set : LIBRARY.usable()) {
                Tensor all = samples.empty(DType.F32, 70, 40);
                try (HostOps ops = new HostOps(new NativeKernels(set), new Splitter(3))) {
                    ops.linear(all, x, weight, Epilogue.NONE);
                    for (int t : new int[] {0, 1, 63, 64, 69}) {
                        Tensor one = samples.empty(DType.F32, 1, 40);
                        ops.linear(one, x.rows(t, 1), weight, Epilogue.NONE);
                        assertSame(all.rows(t, 1), one, set);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("weightsAndWidths")
    void embed_agreesWithScalar(DType type, int width) {
        Tensor ids = samples.integers(0, 18, 3, 3, 7);
        for (HostWeight table : List.of(unaligned(samples.weight(type, 19, width)), samples.anyBits(type, 19, width))) {
            for (float scale : new float[] {1, 11.3f, 1e-38f}) {
                agree(samples.empty(DType.F32, 5, width), (ops, out) -> ops.embed(out, table, ids, scale));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "7, 7", "31, 31", "33, 33", "48, 48", "100, 100", "64, 16", "1056, 1056", "256, 64", "30, 10"})
    void addNorm_agreesWithScalar(int width, int group) {
        HostWeight weight = unaligned(samples.weight(DType.F32, 1, group));
        NormSpec spec = new NormSpec(group, 1e-6f);
        for (Tensor residual : inputs(width)) {
            Tensor delta = samples.extremes(residual.rows(), width);
            agree(
                    samples.empty(DType.F32, residual.rows(), width),
                    (ops, out) -> ops.norm(out, residual, weight, spec));
            agree(residual, (ops, inOut) -> ops.norm(inOut, inOut, weight, spec));
            agree(residual, (ops, inOut) -> {
                Tensor out = samples.empty(DType.F32, inOut.rows(), width);
                ops.addNorm(out, inOut, delta, weight, spec);
                ops.add(inOut, out); // so that both results are compared
            });
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 9, 31, 33, 48, 100, 256, 1056})
    void elementwise_agreesWithScalar(int width) {
        Tensor wide = samples.empty(DType.F32, 2, width);
        for (int i = 0; i < width; i++) {
            wide.setFloat(0, i, (i - width / 2) * 210f / width); // from one end of exp to the other
            wide.setFloat(1, i, (i - width / 2) * 0.01f);
        }
        List<Tensor> all = new ArrayList<>(inputs(width));
        all.add(wide);
        for (Tensor x : all) {
            Tensor y = samples.extremes(x.rows(), width);
            agree(x, (ops, inOut) -> ops.add(inOut, y));
            agree(x, (ops, inOut) -> ops.softcap(inOut, 30));
            for (Activation activation : Activation.values()) {
                agree(x, (ops, inOut) -> ops.gate(inOut, inOut, y, activation));
                agree(x, (ops, inOut) -> ops.gate(inOut, y, inOut, activation));
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
        for (long i = 0; i < 256 * 64; i++) {
            ones.setFloat(i / 64, i % 64, 1);
        }
        agree(x, (ops, inOut) -> ops.gate(inOut, inOut, ones, Activation.SILU));
        agree(x, (ops, inOut) -> ops.gate(inOut, inOut, ones, Activation.GELU_TANH));
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
            List<Tensor> all = new ArrayList<>(inputs((int) width));
            all.add(ties);
            all.add(small);
            for (Tensor x : all) {
                agree(samples.empty(type, x.rows(), width), (ops, out) -> ops.quantize(out, x));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"2, 1", "8, 4", "20, 7", "32, 16", "64, 32", "80, 20", "100, 50", "128, 64"})
    void rotate_agreesWithScalar(int headDim, int pairs) {
        float[] frequencies = new float[pairs];
        for (int i = 0; i < pairs; i++) {
            frequencies[i] = (float) Math.pow(10000, -(double) i / pairs);
        }
        Tensor positions = samples.integers(0, 1, 700, 3, 255, 256);
        for (RopeSpec.Pairing pairing : RopeSpec.Pairing.values()) {
            RopeSpec spec = new RopeSpec(headDim, frequencies, 1.25f, pairing);
            for (Tensor x : List.of(samples.floats(6, 3L * headDim), samples.extremes(6, headDim))) {
                agree(x, (ops, inOut) -> ops.rotate(inOut, positions, spec));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"F32, 16", "F16, 16", "F16, 7", "F32, 20", "F16, 100", "F16, 1"})
    void store_agreesWithScalar(DType type, int dim) {
        KvView kv = samples.cache(new KvLayout(3, 2, dim, 16, type), 2, 3, 100);
        MemorySegment before = arena.allocate(kv.pool().byteSize(), 64).copyFrom(pool(kv));
        Batch batch = samples.batch(new int[] {0, 1, 15, 16, 99, 50}, new int[] {2, 2, 2, 0, 1, 1});
        for (Tensor keys : List.of(samples.floats(6, 2L * dim), samples.extremes(6, 2L * dim), halves(6, 2L * dim))) {
            Tensor values = samples.with(samples.extremes(6, 2L * dim), Float.POSITIVE_INFINITY);
            scalar.store(kv, keys, values, batch);
            MemorySegment expected = arena.allocate(kv.pool().byteSize(), 64).copyFrom(pool(kv));
            for (CpuKernels set : LIBRARY.usable()) {
                pool(kv).copyFrom(before);
                try (HostOps ops = new HostOps(new NativeKernels(set), new Splitter(2))) {
                    ops.store(kv, keys, values, batch);
                }
                assertThat(pool(kv).mismatch(expected)).as(set.toString()).isEqualTo(-1);
            }
        }
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
        "100, 5, 1, F16, 0, 2147483647",
        "20, 3, 1, F32, 0, 2147483647",
        "7, 3, 3, F16, 0, 2147483647",
        "8, 2, 2, F16, 0, 5"
    })
    void attend_agreesWithScalar(int dim, int heads, int keyHeads, DType type, float softcap, int window) {
        for (int pageSize : new int[] {16, 5, 256}) {
            KvView kv = samples.cache(new KvLayout(2, keyHeads, dim, pageSize, type), 1, 3, 800);
            AttentionSpec spec = new AttentionSpec(heads, 1 / (float) Math.sqrt(dim), softcap, window);
            int[] positions = {0, 1, 14, 15, 16, 17, 255, 256, 257, 511, 512, 799};
            int[] sequences = {2, 2, 2, 2, 2, 2, 0, 0, 0, 1, 1, 1};
            Batch batch = samples.batch(positions, sequences);
            Tensor q = samples.floats(positions.length, (long) heads * dim);
            agree(samples.empty(DType.F32, q.rows(), q.width()), (ops, out) -> ops.attend(out, q, kv, spec, batch));
            agree(q, (ops, inOut) -> ops.attend(inOut, inOut, kv, spec, batch));
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {0f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN, 1e38f, 1e-40f})
    void attend_agreesOnExtremes(float extreme) {
        for (DType type : List.of(DType.F32, DType.F16)) {
            KvView kv = samples.cache(new KvLayout(1, 1, 32, 16, type), 0, 1, 600);
            Batch batch = samples.batch(new int[] {3, 300, 599}, new int[3]);
            for (float softcap : new float[] {0, 20}) {
                AttentionSpec spec = new AttentionSpec(2, 0.2f, softcap, AttentionSpec.NO_WINDOW);
                Tensor q = samples.with(samples.extremes(3, 64), extreme);
                agree(samples.empty(DType.F32, 3, 64), (ops, out) -> ops.attend(out, q, kv, spec, batch));
                Tensor zero = samples.empty(DType.F32, 3, 64);
                agree(samples.empty(DType.F32, 3, 64), (ops, out) -> ops.attend(out, zero, kv, spec, batch));
            }
        }
    }

    @Test
    void attend_refusesPagesOutsideThePool() {
        KvView kv = samples.cache(new KvLayout(1, 1, 8, 16, DType.F32), 0, 1, 64);
        AttentionSpec spec = new AttentionSpec(1, 1, 0, AttentionSpec.NO_WINDOW);
        Tensor q = samples.floats(2, 8);
        Tensor out = samples.empty(DType.F32, 2, 8);
        kv.pageTable().setInt(0, 1, 4);
        for (CpuKernels set : LIBRARY.usable()) {
            try (HostOps ops = new HostOps(new NativeKernels(set), Parallel.SERIAL)) {
                Batch seen = samples.batch(new int[] {3, 63}, new int[2]);
                assertThatThrownBy(() -> ops.attend(out, q, kv, spec, seen))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("expected a page below 4, found 4");
                AttentionSpec narrow = new AttentionSpec(1, 1, 0, 32);
                ops.attend(out, q, kv, narrow, seen); // behind the window nothing is read
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "4, 2", "7, 3", "8, 8", "60, 4", "128, 8"})
    void route_agreesWithScalar(int experts, int chosen) {
        for (boolean normalised : new boolean[] {true, false}) {
            RoutingSpec spec = new RoutingSpec(chosen, normalised);
            for (Tensor logits : inputs(experts)) {
                Tensor indices = samples.empty(DType.I32, logits.rows(), chosen);
                agree(
                        samples.empty(DType.F32, logits.rows(), chosen),
                        (ops, weights) -> ops.route(indices, weights, logits, spec));
                Tensor weights = samples.empty(DType.F32, logits.rows(), chosen);
                agree(
                        samples.empty(DType.I32, logits.rows(), chosen),
                        (ops, found) -> ops.route(found, weights, logits, spec));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "Q8_0", "Q6_K"})
    void experts_agreesWithScalar(DType type) {
        List<Weight> gate = new ArrayList<>();
        List<Weight> up = new ArrayList<>();
        List<Weight> down = new ArrayList<>();
        for (int expert = 0; expert < 5; expert++) {
            gate.add(samples.weight(type, 256, 512));
            up.add(samples.weight(type, 256, 512));
            down.add(samples.weight(type, 512, 256));
        }
        ExpertWeights weights = new ExpertWeights(gate, up, down, Activation.SILU);
        Tensor chosen = samples.empty(DType.I32, 9, 2);
        for (int t = 0; t < 9; t++) {
            chosen.setInt(t, 0, t % 5);
            chosen.setInt(t, 1, t % 2 == 0 ? (t + 1) % 5 : (t + 3) % 5);
        }
        Tensor shares = samples.floats(9, 2);
        Tensor x = samples.floats(9, 512);
        for (Precision precision : Precision.values()) {
            agree(
                    samples.empty(DType.F32, 9, 512),
                    (ops, out) -> ops.experts(out, x, chosen, shares, weights, precision));
        }
    }

    @Test
    void gather_agreesWithScalar() {
        Tensor rows = samples.integers(4, 0, 4, 2);
        for (int width : new int[] {1, 7, 100}) {
            Tensor x = samples.floats(5, width);
            agree(samples.empty(DType.F32, 4, width), (ops, out) -> ops.gather(out, x, rows));
        }
        Tensor codes = rounded(samples.floats(5, 256), DType.Q8_0);
        agree(samples.empty(DType.A8_32, 4, 256), (ops, out) -> ops.gather(out, codes, rows));
    }

    @Test
    void scratch_cannotBeUsedOnceClosed() {
        HostWeight weight = samples.weight(DType.Q8_0, 16, 64);
        Tensor x = samples.floats(4, 64);
        Tensor out = samples.empty(DType.F32, 4, 16);
        NativeKernels kernels = new NativeKernels(LIBRARY.usable().getLast());
        kernels.linear(out, x, weight, null, 0, 16);
        kernels.close();
        kernels.close();
        assertThatThrownBy(() -> kernels.linear(out, x, weight, null, 0, 16)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void choice_takesTheSetThatIsAskedFor() {
        for (CpuKernels set : LIBRARY.usable()) {
            String name = set.isa().name();
            assertThat(NativeChoice.choose(LIBRARY, name))
                    .isInstanceOfSatisfying(
                            KernelSource.Found.class,
                            found -> assertThat(found.description()).isEqualTo("C, " + name.toLowerCase(Locale.ROOT)));
        }
        assertThat(NativeChoice.choose(LIBRARY, "")).isInstanceOf(KernelSource.Found.class);
        assertThat(NativeChoice.choose(LIBRARY, "mmx"))
                .isInstanceOfSatisfying(
                        KernelSource.Missing.class,
                        missing ->
                                assertThat(missing.reason()).contains("plain").contains("found mmx"));
    }

    /** Rows of every kind: usual, extreme, zero, and with what isn't a number. */
    private List<Tensor> inputs(int width) {
        return List.of(
                samples.floats(5, width),
                samples.extremes(5, width),
                samples.empty(DType.F32, 1, width),
                samples.with(samples.floats(2, width), Float.NaN),
                samples.with(samples.floats(2, width), Float.NEGATIVE_INFINITY),
                samples.with(samples.floats(2, width), Float.POSITIVE_INFINITY));
    }

    /** Floats on and beside the midpoints between neighbouring halves, and about the least and greatest of them. */
    private Tensor halves(long rows, long width) {
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
    private HostWeight unaligned(HostWeight weight) {
        long bytes = weight.data().byteSize();
        MemorySegment data = arena.allocate(bytes + 1, 64).asSlice(1, bytes).copyFrom(weight.data());
        return new HostWeight(
                weight.name(), weight.type(), Shape.of(weight.shape().sizes()), data);
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

    /** Runs an operation on copies of {@code inOut} by all, with ranges cut for one and four threads. */
    private void agree(Tensor inOut, BiConsumer<Ops, Tensor> operation) {
        Tensor expected = samples.copy(inOut);
        operation.accept(scalar, expected);
        for (CpuKernels set : LIBRARY.usable()) {
            for (int threads : new int[] {1, 4}) {
                Tensor found = samples.copy(inOut);
                try (HostOps ops = new HostOps(new NativeKernels(set), new Splitter(threads))) {
                    operation.accept(ops, found);
                }
                assertSame(expected, found, set);
            }
        }
    }

    private static void assertSame(Tensor expected, Tensor found, CpuKernels set) {
        for (long t = 0; t < expected.rows(); t++) {
            assertThat(bits(found, t)).as("%s: %s, row %s", set, expected, t).isEqualTo(bits(expected, t));
        }
    }

    private static int[] bits(Tensor tensor, long t) {
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

    private static MemorySegment pool(KvView kv) {
        return ((HostBuffer) kv.pool()).segment();
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
