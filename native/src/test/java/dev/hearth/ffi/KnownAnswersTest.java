package dev.hearth.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KnownAnswersTest {
    @ParameterizedTest
    @EnumSource
    void crc_isTheScalarStatements(KnownAnswers answer) {
        try (Arena arena = Arena.ofConfined()) {
            Rows out = switch (answer) {
                case QUANTIZE -> quantized(arena);
                case LINEAR_F32 -> product(arena, DType.F32, DType.F32, 89);
                case LINEAR_F16 -> product(arena, DType.F16, DType.F32, 89);
                case LINEAR_BF16 -> product(arena, DType.BF16, DType.F32, 89);
                case LINEAR_Q8_0 -> product(arena, DType.Q8_0, DType.A8_32, 352);
            };
            assertThat(Long.toHexString(answer.crc())).isEqualTo(Long.toHexString(KnownAnswers.crcOf(out)));
        }
    }

    @Test
    void firstWrong_nothingOnAnySet() {
        for (CpuKernels kernels : TestLibrary.cpu().usable()) {
            assertThat(KnownAnswers.firstWrong(kernels)).as("%s", kernels).isEmpty();
        }
    }

    private static Rows quantized(Arena arena) {
        Rows x = KnownAnswers.input(arena, DType.F32, KnownAnswers.TOKENS, 352);
        Rows out = Rows.dense(
                DType.A8_32, arena.allocate(DType.A8_32.bytes(352) * KnownAnswers.TOKENS), KnownAnswers.TOKENS, 352);
        ScalarStatement.quantize(out, x, KnownAnswers.TOKENS);
        return out;
    }

    private static Rows product(Arena arena, DType weightType, DType xType, int columns) {
        Rows weight = KnownAnswers.input(arena, weightType, KnownAnswers.WEIGHT_ROWS, columns);
        Rows x = KnownAnswers.input(arena, xType, KnownAnswers.TOKENS, columns);
        Rows out = Rows.dense(
                DType.F32,
                arena.allocate(4L * KnownAnswers.TOKENS * KnownAnswers.WEIGHT_ROWS),
                KnownAnswers.TOKENS,
                KnownAnswers.WEIGHT_ROWS);
        for (int t = 0; t < KnownAnswers.TOKENS; t++) {
            for (int r = 0; r < KnownAnswers.WEIGHT_ROWS; r++) {
                out.memory()
                        .setAtIndex(
                                ValueLayout.JAVA_FLOAT_UNALIGNED,
                                (long) t * KnownAnswers.WEIGHT_ROWS + r,
                                ScalarStatement.dot(weight, r, x, t));
            }
        }
        return out;
    }
}
