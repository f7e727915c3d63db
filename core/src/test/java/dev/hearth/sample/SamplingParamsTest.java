package dev.hearth.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
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
                refused(b -> b.logprobs(-1), "logprobs: expected 0 or more, found -1"),
                refused(b -> b.topNSigma(-1), "topNSigma: expected a finite number from 0 (all), found -1.0"),
                refused(b -> b.topH(0), "topH: expected a number above 0, up to 1, found 0.0"),
                refused(
                        b -> b.topP(0.5).topPDecay(new TopPDecay(0.9, 0.6, Set.of())),
                        "topPDecay: min: expected at most the topP of 0.5, found 0.6"),
                refused(b -> b.typicalP(1.1), "typicalP: expected 0 to 1, found 1.1"),
                refused(b -> b.epsilonCutoff(1), "epsilonCutoff: expected 0 (all) to below 1, found 1.0"),
                refused(b -> b.etaCutoff(-1), "etaCutoff: expected 0 (all) to below 1, found -1.0"),
                refused(b -> b.penaltyWindow(-1), "penaltyWindow: expected 0 (all) or more, found -1"),
                refused(b -> b.noRepeatNgramSize(-1), "noRepeatNgramSize: expected 0 (none) or more, found -1"),
                refused(b -> b.allowedTokens(Set.of(-1)), "allowedTokens: expected token ids from 0, found -1"),
                refused(b -> b.bannedTokens(Set.of(-1)), "bannedTokens: expected token ids from 0, found -1"),
                refused(b -> b.minTokens(-1), "minTokens: expected 0 or more, found -1"));
    }

    @ParameterizedTest
    @MethodSource("partsOutOfRange")
    void parts_refuse(Supplier<Object> wrong, String message) {
        assertThatIllegalArgumentException().isThrownBy(wrong::get).withMessage(message);
    }

    static Stream<Arguments> partsOutOfRange() {
        return Stream.of(
                part(
                        () -> new DynamicTemperature(0, 1),
                        "DynamicTemperature: range: expected a finite number above 0, found 0.0"),
                part(
                        () -> new DynamicTemperature(1, 0),
                        "DynamicTemperature: exponent: expected a finite number above 0, found 0.0"),
                part(
                        () -> new TopPDecay(0, 0, Set.of()),
                        "TopPDecay: decay: expected a number above 0, up to 1, found 0.0"),
                part(() -> new TopPDecay(1, 2, Set.of()), "TopPDecay: min: expected 0 to 1, found 2.0"),
                part(
                        () -> new TopPDecay(1, 0, Set.of(-1)),
                        "TopPDecay: resetTokens: expected token ids from 0, found -1"),
                part(() -> new Xtc(1.5, 0), "Xtc: probability: expected 0 to 1, found 1.5"),
                part(() -> new Xtc(1, -1), "Xtc: threshold: expected 0 to 1, found -1.0"),
                part(
                        () -> new Mirostat(Mirostat.Version.V1, 0, 1),
                        "Mirostat: tau: expected a finite number above 0, found 0.0"),
                part(
                        () -> new Mirostat(Mirostat.Version.V1, 1, 0),
                        "Mirostat: eta: expected a finite number above 0, found 0.0"),
                part(() -> Dry.of(0), "Dry: multiplier: expected a finite number above 0, found 0.0"),
                part(() -> Dry.of(1).withBase(0.9), "Dry: base: expected a finite number from 1, found 0.9"),
                part(() -> Dry.of(1).withAllowedLength(0), "Dry: allowedLength: expected 1 or more, found 0"),
                part(() -> Dry.of(1).withRange(-1), "Dry: range: expected 0 (all) or more, found -1"),
                part(() -> Word.of(""), "Word: expected text, found an empty string"),
                part(Word::of, "Word: expected at least one token, found none"),
                part(() -> Word.of(3, -1), "Word: expected token ids from 0, found -1"));
    }

    private static Arguments part(Supplier<Object> wrong, String message) {
        return Arguments.of(wrong, message);
    }

    @Test
    void mirostat_switchesOffWhatCutsBeforeIt() {
        Mirostat mirostat = new Mirostat(Mirostat.Version.V2, 5, 0.1);
        SamplingParams p = everything().toBuilder().mirostat(mirostat).topK(9).build();
        assertThat(p.truncation())
                .isEqualTo(SamplingParams.builder()
                        .mirostat(mirostat)
                        .topK(9)
                        .build()
                        .truncation());
        assertThat(p.dry()).isPresent();
    }

    private static Arguments refused(UnaryOperator<SamplingParams.Builder> wrong, String message) {
        return Arguments.of(wrong, message);
    }

    @Test
    void build_defaultsLeaveTheDistribution() {
        SamplingParams p = SamplingParams.builder().build();
        assertThat(p.temperature()).isEqualTo(1);
        assertThat(p.truncation().topK()).isZero();
        assertThat(p.truncation().topP()).isEqualTo(1);
        assertThat(p.truncation().minP()).isZero();
        assertThat(p.penalises()).isFalse();
        assertThat(p.logitBias()).isEmpty();
        assertThat(p.seed()).isEmpty();
        assertThat(p.logprobs()).isEmpty();
        assertThat(SamplingParams.greedy())
                .isEqualTo(p.toBuilder().temperature(0).build());
    }

    @Test
    void toBuilder_keepsEverything() {
        SamplingParams p = everything();
        assertThat(p.toBuilder().build()).isEqualTo(p);
        assertThat(p.seed()).hasValue(-9);
        assertThat(p.logprobs()).hasValue(3);
        assertThat(p.toBuilder().topK(5).build()).isNotEqualTo(p);
        assertThat(p.truncation().topK()).isEqualTo(4);
    }

    private static SamplingParams everything() {
        return SamplingParams.builder()
                .mirostat(new Mirostat(Mirostat.Version.V1, 4, 0.2))
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
                .dynamicTemperature(new DynamicTemperature(0.5, 2))
                .topNSigma(1)
                .topH(0.5)
                .topPDecay(new TopPDecay(0.9, 0.1, Set.of(3)))
                .typicalP(0.5)
                .epsilonCutoff(0.01)
                .etaCutoff(0.02)
                .xtc(new Xtc(0.5, 0.1))
                .penaltyWindow(64)
                .dry(Dry.of(0.8))
                .noRepeatNgramSize(3)
                .allowedTokens(Set.of(1, 2))
                .bannedTokens(Set.of(3))
                .bannedWords(List.of(Word.of("no"), Word.of(1, 2)))
                .minTokens(5)
                .build();
    }

    @Test
    void logitBias_isCopied() {
        Map<Integer, Float> bias = new HashMap<>(Map.of(1, 2f));
        SamplingParams p = PlainSampler.bias(bias);
        bias.put(2, 3f);
        assertThat(p.logitBias()).isEqualTo(Map.of(1, 2f));
    }
}
