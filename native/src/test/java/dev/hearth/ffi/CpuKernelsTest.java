package dev.hearth.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.tensor.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CpuKernelsTest {
    private static final int[] TOKENS = {1, 2, 8, 9, 16, 17, 33};
    private static final int WEIGHT_ROWS = 43;

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
        Path facts = Path.of("/proc/cpuinfo"); // Linux on x86-64 names what it has, independently of our CPUID
        if (Files.exists(facts) && Files.readString(facts).contains("\nflags")) {
            var flags = List.of(Files.readString(facts).split("\\s+", -1));
            assertThat(everySet().stream().anyMatch(kernels -> kernels.isa() == Isa.AVX2))
                    .isEqualTo(flags.containsAll(List.of("avx2", "fma", "f16c")));
        }
    }

    @ParameterizedTest
    @MethodSource("everySet")
    void quantize_agreesWithScalar(CpuKernels kernels) {
        for (int columns : new int[] {32, 64, 96, 256, 288, 1056}) {
            try (Arena arena = Arena.ofConfined()) {
                Rows x = floats(arena, 5, columns);
                for (int i = 0; i < 32; i++) { // blocks of zeros, of subnormals, with an infinity and with a NaN
                    x.memory().setAtIndex(ValueLayout.JAVA_FLOAT, i, 0);
                    x.memory().setAtIndex(ValueLayout.JAVA_FLOAT, (long) columns + i, i * Float.MIN_VALUE);
                }
                x.memory().setAtIndex(ValueLayout.JAVA_FLOAT, 2L * columns + 3, Float.NEGATIVE_INFINITY);
                x.memory().setAtIndex(ValueLayout.JAVA_FLOAT, 3L * columns + 31, Float.NaN);
                Rows expected = Rows.dense(DType.A8_32, arena.allocate(5 * DType.A8_32.bytes(columns)), 5, columns);
                Rows actual = Rows.dense(DType.A8_32, arena.allocate(5 * DType.A8_32.bytes(columns)), 5, columns);
                ScalarStatement.quantize(expected, x, 5);
                kernels.quantize(actual, x, 5);
                assertThat(actual.memory().mismatch(expected.memory()))
                        .as("%d columns", columns)
                        .isEqualTo(-1);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everySet")
    void linear_floatsAgreeWithScalarForEveryBatch(CpuKernels kernels) {
        for (DType type : List.of(DType.F32, DType.F16, DType.BF16)) {
            for (int columns : new int[] {1, 7, 8, 9, 127, 128, 1032}) {
                everyBatch(kernels, type, DType.F32, columns);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everySet")
    void linear_q80AgreesWithScalarForEveryBatch(CpuKernels kernels) {
        for (int blocks : new int[] {1, 7, 8, 9, 31, 32}) {
            everyBatch(kernels, DType.Q8_0, DType.A8_32, blocks * 32);
        }
    }

    /** Every number of tokens, rows whole and in chunks, with scratch and without: the same bits. */
    private static void everyBatch(CpuKernels kernels, DType weightType, DType xType, int columns) {
        try (Arena arena = Arena.ofConfined()) {
            Rows weight = KnownAnswers.input(arena, weightType, WEIGHT_ROWS, columns);
            Rows x = KnownAnswers.input(arena, xType, 33, columns);
            var expected = new int[33][WEIGHT_ROWS];
            for (int t = 0; t < 33; t++) {
                for (int r = 0; r < WEIGHT_ROWS; r++) {
                    expected[t][r] = Float.floatToIntBits(ScalarStatement.dot(weight, r, x, t));
                }
            }
            long bytes = kernels.linearScratchBytes(weightType, xType, columns).orElseThrow();
            for (MemorySegment scratch : List.of(arena.allocate(bytes + 1).asSlice(1), MemorySegment.NULL)) {
                for (int tokens : TOKENS) {
                    for (int chunk : new int[] {WEIGHT_ROWS, 16, 5}) {
                        Rows out = Rows.dense(
                                DType.F32, arena.allocate(4L * tokens * WEIGHT_ROWS, 4), tokens, WEIGHT_ROWS);
                        for (int r = 0; r < WEIGHT_ROWS; r += chunk) {
                            kernels.linear(out, weight, x, tokens, r, Math.min(r + chunk, WEIGHT_ROWS), scratch);
                        }
                        compare(out, expected, tokens, weightType + " " + columns + " columns, chunks of " + chunk);
                    }
                }
            }
        }
    }

    private static void compare(Rows out, int[][] expected, int tokens, String what) {
        for (int t = 0; t < tokens; t++) {
            var actual = new int[WEIGHT_ROWS];
            for (int r = 0; r < WEIGHT_ROWS; r++) {
                long at = (long) t * WEIGHT_ROWS + r;
                actual[r] = Float.floatToIntBits(out.memory().getAtIndex(ValueLayout.JAVA_FLOAT, at));
            }
            assertThat(actual).as("%s, token %d of %d", what, t, tokens).isEqualTo(expected[t]);
        }
    }

    @Test
    void linear_pairsWithoutKernelAreKnownAndRefused() {
        CpuKernels kernels = TestLibrary.cpu().best();
        var supported = new ArrayList<String>();
        for (DType weight : DType.values()) {
            for (DType x : DType.values()) {
                if (kernels.linearScratchBytes(weight, x, 256).isPresent()) {
                    supported.add(weight + " with " + x);
                }
            }
        }
        assertThat(supported).containsExactly("F32 with F32", "F16 with F32", "BF16 with F32", "Q8_0 with A8_32");
        try (Arena arena = Arena.ofConfined()) {
            Rows weight = Rows.dense(DType.Q4_K, arena.allocate(144, 4), 1, 256);
            Rows x = floats(arena, 1, 256);
            Rows out = floats(arena, 1, 1);
            assertThatThrownBy(() -> kernels.linear(out, weight, x, 1, 0, 1, MemorySegment.NULL))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no kernel for these types");
        }
    }

    @Test
    void linear_refusesWhatDoesNotFit() {
        CpuKernels kernels = TestLibrary.cpu().best();
        try (Arena arena = Arena.ofConfined()) {
            Rows weight = floats(arena, 4, 8);
            Rows x = floats(arena, 2, 8);
            Rows out = floats(arena, 2, 4);
            assertThatThrownBy(() -> kernels.linear(out, floats(arena, 4, 9), x, 2, 0, 4, MemorySegment.NULL))
                    .hasMessage("linear: weight does not fit x, found F32 [4, 9] and F32 [2, 8]");
            assertThatThrownBy(() -> kernels.linear(floats(arena, 2, 3), weight, x, 2, 0, 4, MemorySegment.NULL))
                    .hasMessageContaining("found F32 [2, 3]");
            assertThatThrownBy(() -> kernels.linear(out, weight, x, 3, 0, 4, MemorySegment.NULL))
                    .hasMessageContaining("found 3 tokens");
            assertThatThrownBy(() -> kernels.linear(out, weight, x, 2, 0, 5, MemorySegment.NULL))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> kernels.linear(out, weight, x, 2, 3, 2, MemorySegment.NULL))
                    .hasMessageContaining("found 3 to 2");
            MemorySegment heap = MemorySegment.ofArray(new byte[64]);
            assertThatThrownBy(() -> kernels.linear(out, weight, x, 2, 0, 4, heap))
                    .hasMessageContaining("heap");
            assertThatThrownBy(() -> kernels.quantize(out, x, 1)).hasMessageStartingWith("quantize: expected A8_32");
        }
    }

    @Test
    void rows_refuseMemoryThatIsTooSmall() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(64);
            assertThat(Rows.dense(DType.F32, memory, 2, 8)).hasToString("F32 [2, 8]");
            assertThatThrownBy(() -> Rows.dense(DType.F32, memory, 3, 8))
                    .hasMessage("rows: F32 [3, 8] needs 96 bytes, found 64");
            assertThatThrownBy(() -> new Rows(DType.F32, memory, 4, 32, 2, 8)).hasMessageContaining("needs 68 bytes");
            assertThatThrownBy(() -> new Rows(DType.F32, memory, 0, 31, 2, 8)).hasMessageContaining("stride");
            assertThatThrownBy(() -> new Rows(DType.F32, memory, 8, Long.MAX_VALUE, 3, 8))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Rows.dense(DType.F32, MemorySegment.ofArray(new float[8]), 1, 8))
                    .hasMessageContaining("heap");
        }
    }

    private static Rows floats(Arena arena, int rows, int columns) {
        MemorySegment memory = arena.allocate(4L * rows * columns, 4);
        var random = new SplittableRandom(rows * 31L + columns);
        for (long i = 0; i < (long) rows * columns; i++) {
            memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-4, 4));
        }
        return Rows.dense(DType.F32, memory, rows, columns);
    }
}
