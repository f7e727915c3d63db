package dev.hearth.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.spi.Activation;
import dev.hearth.spi.reference.ScalarKernels;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KnownAnswersTest {
    /** The constants are those of the specification, whose result a fault in C cannot reach. */
    @ParameterizedTest
    @EnumSource
    void checksum_isThatOfTheSpecification(KnownAnswers answer) {
        try (Arena arena = Arena.ofConfined()) {
            assertThat(answer.crc()).as("0x%xL", scalar(arena, answer)).isEqualTo(scalar(arena, answer));
        }
        for (CpuKernels kernels : TestLibrary.cpu().usable()) {
            assertThat(answer.checksum(kernels)).as(kernels.toString()).isEqualTo(answer.crc());
            assertThat(KnownAnswers.firstWrong(kernels)).isEqualTo(Optional.empty());
        }
    }

    private static long scalar(Arena arena, KnownAnswers answer) {
        var kernels = new ScalarKernels();
        Tensor out = answer.result(arena);
        int tokens = KnownAnswers.TOKENS;
        switch (answer) {
            case QUANTIZE_A8_32, QUANTIZE_A8_256 ->
                kernels.quantize(out, KnownAnswers.activations(arena, answer.from, answer.columns), 0, tokens);
            case NORM ->
                kernels.addNorm(
                        out,
                        KnownAnswers.activations(arena, answer.from, answer.columns),
                        null,
                        KnownAnswers.weight(arena, DType.F32, 1, KnownAnswers.NORM_SPEC.groupSize()),
                        KnownAnswers.NORM_SPEC,
                        0,
                        tokens);
            case SILU -> {
                Tensor x = KnownAnswers.activations(arena, answer.from, answer.columns);
                kernels.gate(out, x, x, Activation.SILU, 0, tokens);
            }
            default -> {
                int rows = KnownAnswers.WEIGHT_ROWS;
                Tensor x = KnownAnswers.activations(arena, answer.to, answer.columns);
                kernels.linear(out, x, KnownAnswers.weight(arena, answer.from, rows, answer.columns), null, 0, rows);
            }
        }
        return KnownAnswers.crcOf(out);
    }
}
