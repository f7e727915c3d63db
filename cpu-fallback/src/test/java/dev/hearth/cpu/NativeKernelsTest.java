package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.ffi.CpuKernels;
import dev.hearth.spi.Activation;
import dev.hearth.spi.Epilogue;
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
import org.junit.jupiter.params.provider.MethodSource;

/** What the conformance kit leaves out of products and the operations on rows in C: weights of any bits, many tokens, every exponent. */
class NativeKernelsTest extends NativeAgreement {
    private static final List<DType> WEIGHTS =
            List.of(DType.F32, DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0, DType.Q4_K, DType.Q6_K);

    static Stream<Arguments> weightsAndWidths() {
        List<Arguments> all = new ArrayList<>();
        for (DType type : WEIGHTS) {
            for (int width : new int[] {7, 33, 288, 768, 2304}) {
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
