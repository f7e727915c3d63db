package dev.hearth.ffi;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.spi.Activation;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.reference.ScalarKernels;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KnownAnswersTest {
    /** The constants are those of the specification, whose result a fault in C cannot reach. */
    @ParameterizedTest
    @EnumSource
    void checksum_isThatOfTheSpecification(KnownAnswers answer) {
        try (Arena arena = Arena.ofConfined()) {
            KnownAnswers.Inputs inputs = answer.inputs(arena);
            long specified = specified(answer, inputs, answer.result(arena));
            assertThat(answer.crc()).as("%s 0x%08xL", answer, specified).isEqualTo(specified);
            for (CpuKernels kernels : TestLibrary.cpu().usable()) {
                assertThat(answer.checksum(kernels, inputs, arena))
                        .as(kernels.toString())
                        .isEqualTo(specified);
            }
        }
    }

    @Test
    void everyTypeOfWeights_isThere() {
        assertThat(KnownAnswers.values())
                .extracting(answer -> answer.from)
                .contains(Arrays.stream(DType.values())
                        .filter(type -> type != DType.I32 && type != DType.A8_32 && type != DType.A8_256)
                        .toArray(DType[]::new));
    }

    @Test
    void firstWrong_isNoneOfUsableSets() {
        assertThat(KnownAnswers.firstWrong(TestLibrary.cpu().usable())).isEmpty();
    }

    private static long specified(KnownAnswers answer, KnownAnswers.Inputs inputs, Tensor out) {
        var kernels = new ScalarKernels();
        Tensor x = inputs.x();
        int tokens = KnownAnswers.TOKENS;
        switch (answer) {
            case QUANTIZE_A8_32, QUANTIZE_A8_256 -> kernels.quantize(out, x, 0, tokens);
            case NORM ->
                kernels.addNorm(out, x, null, requireNonNull(inputs.weight()), KnownAnswers.NORM_SPEC, 0, tokens);
            case SILU -> kernels.gate(out, x, x, Activation.SILU, 0, tokens);
            default -> {
                int few = KnownAnswers.FEW_TOKENS;
                HostWeight weight = requireNonNull(inputs.weight());
                kernels.linear(out.rows(0, tokens), x, weight, null, 0, KnownAnswers.WEIGHT_ROWS);
                kernels.linear(out.rows(tokens, few), x.rows(0, few), weight, null, 0, KnownAnswers.WEIGHT_ROWS);
            }
        }
        return KnownAnswers.crcOf(out);
    }
}
