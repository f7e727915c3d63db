package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.ffi.CpuKernels;
import dev.hearth.spi.Activation;
import dev.hearth.spi.Epilogue;
import dev.hearth.spi.NormSpec;
import dev.hearth.spi.host.HostOps;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Products and the operations on rows in C against the specification. */
class NativeKernelsTest extends NativeAgreement {
    private static final int[] TOKENS = {1, 2, 3, 4, 5, 8, 9, 16, 17, 33};
    private static final List<DType> WEIGHTS =
            List.of(DType.F32, DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0, DType.Q4_K, DType.Q6_K);

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

    /** Nothing is left to Java: the class file names none of the specification's classes. */
    @Test
    void everyOperation_isInC() throws IOException {
        String name = NativeKernels.class.getSimpleName() + ".class";
        try (var file = Objects.requireNonNull(NativeKernels.class.getResourceAsStream(name))) {
            var text = new String(file.readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(text).contains("dev/hearth/ffi/NativeRecurrence").doesNotContain("dev/hearth/spi/reference");
        }
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
            for (CpuKernels set : TestLibrary.cpu().usable()) {
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
    @CsvSource({"1, 1", "7, 7", "31, 31", "33, 33", "48, 48", "100, 100", "64, 16", "1056, 1056", "256, 64", "30, 10"})
    void layerNorm_agreesWithScalar(int width, int group) {
        HostWeight weight = unaligned(samples.weight(DType.F32, 1, group));
        HostWeight bias = unaligned(samples.weight(DType.F32, 1, group));
        NormSpec spec = new NormSpec(group, 1e-5f);
        for (Tensor residual : inputs(width)) {
            Tensor delta = samples.extremes(residual.rows(), width);
            agree(residual, (ops, inOut) -> ops.layerNorm(inOut, inOut, null, weight, bias, spec));
            agree(residual, (ops, inOut) -> {
                Tensor out = samples.empty(DType.F32, inOut.rows(), width);
                ops.layerNorm(out, inOut, delta, weight, null, spec);
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
            agree(x, (ops, inOut) -> ops.scale(inOut, -0.37f));
            for (Activation activation : Activation.values()) {
                agree(x, (ops, inOut) -> ops.gate(inOut, inOut, y, activation));
                agree(x, (ops, inOut) -> ops.gate(inOut, y, inOut, activation));
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

    @Test
    void scratch_cannotBeUsedOnceClosed() {
        HostWeight weight = samples.weight(DType.Q8_0, 16, 64);
        Tensor x = samples.floats(4, 64);
        Tensor out = samples.empty(DType.F32, 4, 16);
        NativeKernels kernels = new NativeKernels(TestLibrary.cpu().usable().getLast());
        kernels.linear(out, x, weight, null, 0, 16);
        kernels.close();
        kernels.close();
        assertThatThrownBy(() -> kernels.linear(out, x, weight, null, 0, 16)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void choice_takesTheSetThatIsAskedFor() {
        for (CpuKernels set : TestLibrary.cpu().usable()) {
            String name = set.isa().name();
            assertThat(NativeChoice.choose(TestLibrary.cpu(), name))
                    .isInstanceOfSatisfying(
                            KernelSource.Found.class,
                            found -> assertThat(found.description()).isEqualTo("C, " + name.toLowerCase(Locale.ROOT)));
        }
        assertThat(NativeChoice.choose(TestLibrary.cpu(), "")).isInstanceOf(KernelSource.Found.class);
        assertThat(NativeChoice.choose(TestLibrary.cpu(), "mmx"))
                .isInstanceOfSatisfying(
                        KernelSource.Missing.class,
                        missing ->
                                assertThat(missing.reason()).contains("plain").contains("found mmx"));
    }
}
