package dev.hearth.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.spi.Precision;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.reference.ScalarKernels;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CpuKernelsTest {
    static List<CpuKernels> everySet() {
        return TestLibrary.cpu().usable();
    }

    @Test
    void usable_holdsPlainCAndWhatTheProcessorHas() throws IOException {
        assertThat(everySet())
                .extracting(CpuKernels::isa)
                .startsWith(Isa.PLAIN)
                .isSorted()
                .doesNotHaveDuplicates();
        assertThat(TestLibrary.cpu().best().isa())
                .isEqualTo(everySet().getLast().isa());
        Path facts = Path.of("/proc/cpuinfo"); // Linux names what the processor has, independently of our detection
        var words = Files.exists(facts) ? List.of(Files.readString(facts).split("\\s+", -1)) : List.<String>of();
        if (words.contains("flags")) {
            var avx2 = List.of("avx2", "fma", "f16c");
            var avx512 = List.of("avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni");
            assertThat(has(Isa.AVX2)).isEqualTo(words.containsAll(avx2));
            assertThat(has(Isa.AVXVNNI)).isEqualTo(words.containsAll(avx2) && words.contains("avx_vnni"));
            assertThat(has(Isa.AVX512)).isEqualTo(words.containsAll(avx2) && words.containsAll(avx512));
            assertThat(has(Isa.AVX512BF16)).isEqualTo(has(Isa.AVX512) && words.contains("avx512_bf16"));
        }
        if (words.contains("Features")) {
            assertThat(has(Isa.NEON)).isEqualTo(words.contains("asimd"));
            assertThat(has(Isa.DOTPROD)).isEqualTo(words.contains("asimddp"));
            assertThat(has(Isa.I8MM)).isEqualTo(words.containsAll(List.of("asimddp", "i8mm")));
        }
    }

    private static boolean has(Isa isa) {
        return everySet().stream().anyMatch(kernels -> kernels.isa() == isa);
    }

    /** Every number of tokens, rows whole and in chunks: the bits of the specification. */
    @ParameterizedTest
    @MethodSource("everySet")
    void linear_agreesWithScalarForEveryBatchAndChunk(CpuKernels kernels) {
        for (KnownAnswers answer : KnownAnswers.values()) {
            if (answer.name().startsWith("LINEAR") || answer.name().startsWith("EXACT")) {
                everyBatch(kernels, answer.from, answer.to, answer.columns);
            }
        }
    }

    private static void everyBatch(CpuKernels kernels, DType weightType, DType xType, int columns) {
        try (Arena arena = Arena.ofConfined()) {
            int rows = KnownAnswers.WEIGHT_ROWS;
            HostWeight weight = KnownAnswers.weight(arena, weightType, rows, columns);
            Tensor all = KnownAnswers.activations(arena, xType, columns);
            Tensor expected = output(arena, KnownAnswers.TOKENS, rows);
            new ScalarKernels().linear(expected, all, weight, null, 0, rows);
            for (int tokens = 1; tokens <= KnownAnswers.TOKENS; tokens++) {
                Tensor x = all.rows(0, tokens);
                long bytes = kernels.linearScratchBytes(weightType, xType, columns, tokens)
                        .orElseThrow();
                MemorySegment scratch = arena.allocate(bytes + 4, 4).asSlice(4);
                for (int chunk : new int[] {rows, 16, 5}) {
                    Tensor out = output(arena, tokens, rows);
                    for (int r = 0; r < rows; r += chunk) {
                        kernels.linear(out, x, weight, null, r, Math.min(r + chunk, rows), scratch);
                    }
                    assertThat(out.segment().mismatch(expected.segment().asSlice(0, 4L * tokens * rows)))
                            .as("%s %s, %d tokens, chunks of %d", kernels, weightType, tokens, chunk)
                            .isEqualTo(-1);
                }
            }
        }
    }

    private static Tensor output(Arena arena, int tokens, int rows) {
        return Tensor.of(arena.allocate(4L * tokens * rows, 64), DType.F32, tokens, rows);
    }

    @ParameterizedTest
    @MethodSource("everySet")
    void linear_pairsWithoutKernelAreKnownAndRefused(CpuKernels kernels) {
        var supported = new ArrayList<String>();
        for (DType weight : DType.values()) {
            for (DType x : DType.values()) {
                if (kernels.linearScratchBytes(weight, x, 256, 1).isPresent()) {
                    supported.add(weight + " with " + x);
                }
            }
        }
        var expected = new ArrayList<String>();
        for (DType weight : DType.values()) {
            if (weight != DType.I32 && weight != DType.A8_32 && weight != DType.A8_256) {
                expected.add(weight + " with F32");
                DType fast = Precision.FAST.activation(weight);
                if (fast != DType.F32) {
                    expected.add(weight + " with " + fast);
                }
            }
        }
        assertThat(supported)
                .containsExactlyInAnyOrderElementsOf(expected)
                .contains("Q4_K with A8_256", "IQ3_S with A8_256", "NVFP4 with F32");
        try (Arena arena = Arena.ofConfined()) {
            HostWeight weight = KnownAnswers.weight(arena, DType.Q4_K, 1, 256);
            Tensor x = Tensor.of(arena.allocate(288, 4), DType.A8_32, 1, 256);
            assertThatThrownBy(() -> kernels.linear(output(arena, 1, 1), x, weight, null, 0, 1, MemorySegment.NULL))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no kernel for these types");
        }
    }

    @Test
    void linear_refusesWhatDoesNotFit() {
        CpuKernels kernels = TestLibrary.cpu().best();
        try (Arena arena = Arena.ofConfined()) {
            HostWeight weight = KnownAnswers.weight(arena, DType.F32, 4, 8);
            HostWeight wide = KnownAnswers.weight(arena, DType.F32, 4, 9);
            HostWeight cut = new HostWeight(
                    "cut", DType.F32, weight.shape(), weight.data().asSlice(1));
            HostWeight heap = new HostWeight("heap", DType.F32, weight.shape(), MemorySegment.ofArray(new byte[128]));
            Tensor x = KnownAnswers.activations(arena, DType.F32, 8).rows(0, 2);
            Tensor out = output(arena, 2, 4);
            MemorySegment none = MemorySegment.NULL;
            assertThatThrownBy(() -> kernels.linear(out, x, wide, null, 0, 4, none))
                    .hasMessage("linear: F32 [4, 9] does not fit F32 [2, 8] to F32 [2, 4]");
            assertThatThrownBy(() -> kernels.linear(output(arena, 2, 3), x, weight, null, 0, 4, none))
                    .hasMessageContaining("found 0 to 4");
            assertThatThrownBy(() -> kernels.linear(output(arena, 1, 4), x, weight, null, 0, 4, none))
                    .hasMessageContaining("does not fit");
            assertThatThrownBy(() -> kernels.linear(out, x, weight, null, 0, 5, none))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> kernels.linear(out, x, weight, null, 3, 2, none))
                    .hasMessageContaining("found 3 to 2");
            assertThatThrownBy(() -> kernels.linear(out, x, cut, null, 0, 4, none))
                    .hasMessage("cut: expected 128 bytes of native memory, found 127");
            assertThatThrownBy(() -> kernels.linear(out, x, heap, null, 0, 4, none))
                    .hasMessageContaining("on the heap");
            assertThatThrownBy(() -> kernels.linear(out, x, weight, wide, 0, 4, MemorySegment.ofArray(new byte[8])))
                    .hasMessageContaining("heap segment");
        }
    }

    @Test
    void linear_needsItsScratch() {
        CpuKernels kernels = TestLibrary.cpu().best();
        try (Arena arena = Arena.ofConfined()) {
            HostWeight weight = KnownAnswers.weight(arena, DType.Q8_0, 4, 32);
            Tensor x = KnownAnswers.activations(arena, DType.F32, 32);
            Tensor out = output(arena, KnownAnswers.TOKENS, 4);
            assertThatThrownBy(() -> kernels.linear(out, x, weight, null, 0, 4, MemorySegment.NULL))
                    .hasMessageContaining("shape");
        }
    }

    @Test
    void rows_refuseWhatLiesOutside() {
        var rows = new NativeRows(TestLibrary.cpu().best());
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = KnownAnswers.activations(arena, DType.F32, 8);
            assertThatThrownBy(() -> rows.add(x, x, 0, KnownAnswers.TOKENS + 1))
                    .hasMessage("hearth_add: expected rows of F32 [7, 8] and F32 [7, 8], found 0 to 8");
            assertThatThrownBy(() -> rows.softcap(x, 1, 3, 2)).hasMessageContaining("found 3 to 2");
        }
    }
}
