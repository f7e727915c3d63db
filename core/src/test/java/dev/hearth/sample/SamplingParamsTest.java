package dev.hearth.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SamplingParamsTest {
    @ParameterizedTest
    @MethodSource("outOfRange")
    void build_refuses(UnaryOperator<SamplingParams.Builder> wrong, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> wrong.apply(SamplingParams.builder()).build())
                .withMessage("SamplingParams: " + message);
    }

    static Stream<Arguments> outOfRange() {
        float infinity = Float.POSITIVE_INFINITY;
        return Stream.of(
                refused(b -> b.temperature(-0.1), "temperature: expected a finite number from 0, found -0.1"),
                refused(b -> b.temperature(Double.NaN), "temperature: expected a finite number from 0, found NaN"),
                refused(b -> b.temperature(infinity), "temperature: expected a finite number from 0, found Infinity"),
                refused(b -> b.topK(-1), "topK: expected 0 (all) or more, found -1"),
                refused(b -> b.topP(-0.5), "topP: expected 0 to 1, found -0.5"),
                refused(b -> b.topP(1.5), "topP: expected 0 to 1, found 1.5"),
                refused(b -> b.topP(Double.NaN), "topP: expected 0 to 1, found NaN"),
                refused(b -> b.minP(-0.5), "minP: expected 0 to 1, found -0.5"),
                refused(b -> b.minP(2), "minP: expected 0 to 1, found 2.0"),
                refused(b -> b.minP(Double.NaN), "minP: expected 0 to 1, found NaN"),
                refused(b -> b.repetitionPenalty(0), "repetitionPenalty: expected a finite number above 0, found 0.0"),
                refused(
                        b -> b.repetitionPenalty(Double.NaN),
                        "repetitionPenalty: expected a finite number above 0, found NaN"),
                refused(
                        b -> b.repetitionPenalty(infinity),
                        "repetitionPenalty: expected a finite number above 0, found Infinity"),
                refused(b -> b.frequencyPenalty(Double.NaN), "frequencyPenalty: expected a finite number, found NaN"),
                refused(
                        b -> b.presencePenalty(-infinity),
                        "presencePenalty: expected a finite number, found -Infinity"),
                refused(b -> b.logitBias(Map.of(-3, 1f)), "logitBias: expected token ids from 0, found -3"),
                refused(
                        b -> b.logitBias(Map.of(3, Float.NaN)),
                        "logitBias[3]: expected a number below infinity, found NaN"),
                refused(
                        b -> b.logitBias(Map.of(3, infinity)),
                        "logitBias[3]: expected a number below infinity, found Infinity"),
                refused(b -> b.logprobs(-1), "logprobs: expected 0 or more, found -1"));
    }

    private static Arguments refused(UnaryOperator<SamplingParams.Builder> wrong, String message) {
        return Arguments.of(wrong, message);
    }

    @Test
    void build_defaultsLeaveTheDistribution() {
        SamplingParams p = SamplingParams.builder().build();
        assertThat(p.temperature()).isEqualTo(1);
        assertThat(p.topK()).isZero();
        assertThat(p.topP()).isEqualTo(1);
        assertThat(p.minP()).isZero();
        assertThat(p.penalises()).isFalse();
        assertThat(p.logitBias()).isEmpty();
        assertThat(p.seed()).isEmpty();
        assertThat(p.logprobs()).isEmpty();
        assertThat(SamplingParams.greedy())
                .isEqualTo(p.toBuilder().temperature(0).build());
    }

    @Test
    void toBuilder_keepsEverything() {
        SamplingParams p = SamplingParams.builder()
                .temperature(0.5)
                .topK(4)
                .topP(0.25)
                .minP(0.125)
                .repetitionPenalty(1.5)
                .frequencyPenalty(-1)
                .presencePenalty(2)
                .logitBias(Map.of(1, -100f, 2, Float.NEGATIVE_INFINITY))
                .seed(-9)
                .logprobs(3)
                .build();
        assertThat(p.toBuilder().build()).isEqualTo(p);
        assertThat(p.seed()).hasValue(-9);
        assertThat(p.logprobs()).hasValue(3);
        assertThat(p.toBuilder().topK(5).build()).isNotEqualTo(p);
        assertThat(p.topK()).isEqualTo(4);
    }

    @Test
    void logitBias_isCopied() {
        Map<Integer, Float> bias = new HashMap<>(Map.of(1, 2f));
        SamplingParams p = PlainSampler.bias(bias);
        bias.put(2, 3f);
        assertThat(p.logitBias()).isEqualTo(Map.of(1, 2f));
    }
}
