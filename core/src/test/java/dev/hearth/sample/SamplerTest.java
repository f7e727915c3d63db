package dev.hearth.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerTest {
    private static final float NONE = Float.NEGATIVE_INFINITY;
    private static final SamplingParams RANDOM = SamplingParams.builder().build();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 127, 128, 129, 1000})
    void greedy_takesTheLowestOfTheLargest(int vocabSize) {
        for (int first = 0; first < vocabSize; first += Math.max(1, vocabSize / 9)) {
            float[] logits = new float[vocabSize];
            Arrays.fill(logits, -5);
            Arrays.fill(logits, first, vocabSize, 3);
            assertThat(greedy(logits)).isEqualTo(first);
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
    void rowWithMaxima_namesWhatCannotBeDrawnFrom(float value) {
        float[] logits = new float[300];
        logits[140] = value;
        LogitRow row = LogitRow.of(MemorySegment.ofArray(logits), MemorySegment.ofArray(new float[] {0, value, 0}));
        assertThatExceptionOfType(SamplingException.class)
                .isThrownBy(() -> new Sampler(RANDOM, 0, 300).sample(row, 4, new SampleScratch()))
                .withMessageContaining("position 4")
                .withMessageContaining("found " + value + " at token 140");
    }

    @Test
    void rowWithMaxima_hasAsManyAsItNeeds() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> LogitRow.of(MemorySegment.ofArray(new float[300]), MemorySegment.ofArray(new float[2])))
                .withMessageContaining("expected 3 maxima of a row of 300, found 2");
    }

    @Test
    void greedy_zeroAndNegativeZeroAreEqual() {
        assertThat(greedy(-1, -0.0f, 0.0f)).isEqualTo(1);
        assertThat(greedy(-1, 0.0f, -0.0f)).isEqualTo(1);
    }

    @Test
    void topK_amongEqualsKeepsTheLowest() {
        float[] logits = new float[300];
        Arrays.fill(logits, 1);
        logits[7] = -0.0f;
        logits[200] = 2;
        assertThat(drawn(PlainSampler.with(1, 4, 1, 0), logits)).containsExactlyInAnyOrder(0, 1, 2, 200);
    }

    @Test
    void topK_zeroAndNegativeZeroAreEqual() {
        assertThat(drawn(PlainSampler.with(1, 2, 1, 0), -0.0f, 0.0f, -0.0f, -1)).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void topP_keepsTheFewestThatReachIt() {
        float[] logits = logs(0.1, 0.4, 0.2, 0.3);
        assertThat(drawn(PlainSampler.with(1, 0, 0.65, 0), logits)).containsExactlyInAnyOrder(1, 3);
        assertThat(drawn(PlainSampler.with(1, 0, 0.75, 0), logits)).containsExactlyInAnyOrder(1, 2, 3);
        assertThat(drawn(PlainSampler.with(1, 0, 0, 0), logits)).containsExactly(1);
    }

    @Test
    void topP_isOverWhatTopKLeft() {
        // of 0.4 and 0.3 the first is 0.571
        assertThat(drawn(PlainSampler.with(1, 2, 0.55, 0), logs(0.1, 0.4, 0.2, 0.3)))
                .containsExactly(1);
    }

    @Test
    void topP_comesBeforeMinP() {
        // min-p first would leave 0.5 and 0.3, where 0.6 of 0.8 is reached by the first alone
        assertThat(drawn(PlainSampler.with(1, 0, 0.6, 0.55), logs(0.2, 0.5, 0.3)))
                .containsExactlyInAnyOrder(1, 2);
    }

    @Test
    void minP_isAShareOfTheLikeliest() {
        assertThat(drawn(PlainSampler.with(1, 0, 1, 0.55), logs(0.1, 0.4, 0.2, 0.3)))
                .containsExactlyInAnyOrder(1, 3);
        assertThat(drawn(PlainSampler.with(1, 0, 1, 1), 1, 2, 2)).containsExactlyInAnyOrder(1, 2);
    }

    @Test
    void temperature_comesBeforeTruncation() {
        // at temperature 2: 0.224, 0.387, 0.387
        assertThat(drawn(PlainSampler.with(2, 0, 0.79, 0), logs(0.143, 0.43, 0.427)))
                .hasSize(3);
        assertThat(drawn(PlainSampler.with(1, 0, 0.79, 0), logs(0.143, 0.43, 0.427)))
                .hasSize(2);
    }

    @Test
    void temperature_leastIsGreedyUpToTies() {
        assertThat(drawn(PlainSampler.with(Double.MIN_VALUE, 0, 1, 0), 1, 2, Math.nextUp(2f)))
                .containsExactly(2);
    }

    @Test
    void penalties_byHand() {
        SamplingParams params = SamplingParams.builder()
                .temperature(0)
                .repetitionPenalty(2)
                .frequencyPenalty(0.5)
                .presencePenalty(0.25)
                .build();
        Sampler sampler = new Sampler(params, 0, 6);
        sampler.acceptPrompt(0, 1, 1);
        sampler.accept(2);
        sampler.accept(2);
        sampler.accept(3);
        sampler.accept(1);
        float[] logits = {4, 4, 4, -4, 3, NONE};
        sampler.sample(logits, 6);
        assertThat(logits).containsExactly(2, 1.25f, 0.75f, -8.75f, 3, NONE);
    }

    @Test
    void penalties_rememberManyTokens() {
        SamplingParams params =
                SamplingParams.builder().temperature(0).frequencyPenalty(1).build();
        Sampler sampler = new Sampler(params, 0, 5000);
        for (int token = 0; token < 5000; token++) {
            for (int times = 0; times < token % 4; times++) {
                sampler.accept(token * 7 % 5000);
            }
        }
        float[] logits = new float[5000];
        sampler.sample(logits, 0);
        for (int token = 0; token < 5000; token++) {
            assertThat(logits[token * 7 % 5000]).isEqualTo(-(token % 4));
        }
    }

    @Test
    void bias_forcesAndForbids() {
        float[] logits = {5, 9, -20, 7};
        assertThat(drawn(PlainSampler.bias(Map.of(2, 100f)), logits)).containsExactly(2);
        assertThat(drawn(PlainSampler.bias(Map.of(1, NONE, 3, NONE)), logits)).containsExactly(0);
    }

    @Test
    void processors_runFirstAndInOrder() {
        List<Integer> positions = new ArrayList<>();
        LogitsProcessor mask = (logits, position) -> {
            positions.add(position);
            Arrays.fill(logits, 2, 4, NONE);
        };
        LogitsProcessor raise = (logits, position) -> logits[3] = 50;
        SamplingParams params = SamplingParams.greedy().toBuilder()
                .logitBias(Map.of(0, 60f))
                .logprobs(2)
                .build();
        float[] logits = {1, 2, 3, 4};
        Sampled sampled = new Sampler(params, 0, 0, 4, List.of(mask, raise)).sample(logits, 17);
        assertThat(sampled.token()).isZero();
        assertThat(logits).containsExactly(61, 2, NONE, 50);
        assertThat(positions).containsExactly(17);
        assertThat(sampled.top()).extracting(TokenLogprob::token).containsExactly(3, 2); // of the model's own logits
    }

    @Test
    void logprobs_areOfTheModelsOwnLogits() {
        float[] logits = logs(0.125, 0.5, 0.25, 0.125);
        SamplingParams params = SamplingParams.builder()
                .temperature(0.3)
                .topK(1)
                .logitBias(Map.of(3, 50f))
                .logprobs(3)
                .build();
        Sampled sampled = new Sampler(params, 1, 4).sample(logits, 0);
        assertThat(sampled.token()).isEqualTo(3);
        assertThat(Math.exp(sampled.logprob().orElseThrow())).isCloseTo(0.125, within(1e-7));
        assertThat(sampled.top()).extracting(TokenLogprob::token).containsExactly(1, 2, 0);
    }

    @Test
    void logprobs_onlyWhereAskedFor() {
        float[] logits = {1, 2};
        assertThat(new Sampler(RANDOM, 1, 2).sample(logits.clone(), 0).logprob())
                .isEmpty();
        SamplingParams chosenOnly = RANDOM.toBuilder().logprobs(0).build();
        Sampled sampled = new Sampler(chosenOnly, 1, 2).sample(logits.clone(), 0);
        assertThat(sampled.logprob()).isPresent();
        assertThat(sampled.top()).isEmpty();
    }

    @Test
    void sample_dependsOnSeedChoiceAndPositionAlone() {
        float[] logits = new float[1000];
        SampleScratch shared = new SampleScratch();
        Sampler one = new Sampler(RANDOM, 5, 1000);
        Sampler same = new Sampler(RANDOM.toBuilder().seed(5).build(), 99, 1000);
        Sampler otherSeed = new Sampler(RANDOM, 6, 1000);
        Sampler otherChoice = new Sampler(RANDOM, 5, 1, 1000, List.of());
        int[] equal = new int[3];
        for (int position = 199; position >= 0; position--) {
            int token = one.sample(logits.clone(), position).token();
            float[] other = new float[300];
            Arrays.fill(other, 3);
            new Sampler(RANDOM.toBuilder().topP(0.5).build(), 3, 300).sample(other, position, shared);
            assertThat(same.sample(logits.clone(), position, shared).token()).isEqualTo(token);
            equal[0] += otherSeed.sample(logits.clone(), position).token() == token ? 1 : 0;
            equal[1] += otherChoice.sample(logits.clone(), position).token() == token ? 1 : 0;
            equal[2] += one.sample(logits.clone(), position + 1).token() == token ? 1 : 0;
        }
        assertThat(Arrays.stream(equal).max().orElseThrow()).isLessThan(5); // of 200, by chance 0.2
    }

    @ParameterizedTest
    @CsvSource({"NaN, 0", "NaN, 299", "Infinity, 150"})
    void sample_refusesWhatIsNoNumber(float wrong, int token) {
        for (SamplingParams params :
                List.of(SamplingParams.greedy(), RANDOM, PlainSampler.with(1, 5, 0.9, 0.1), withLogprobs())) {
            float[] logits = new float[300];
            logits[token] = wrong;
            assertThatExceptionOfType(SamplingException.class)
                    .isThrownBy(() -> new Sampler(params, 0, 300).sample(logits, 12))
                    .withMessageStartingWith("sample: position 12: expected logits below infinity, found " + wrong
                            + " at token " + token + ";");
        }
    }

    @Test
    void sample_maskDoesNotHideNaN() {
        LogitsProcessor mask = (logits, position) -> logits[1] = NONE;
        assertThatExceptionOfType(SamplingException.class)
                .isThrownBy(() -> new Sampler(RANDOM, 0, 0, 2, List.of(mask)).sample(new float[] {1, Float.NaN}, 3))
                .withMessageContaining("position 3, before processors: ")
                .withMessageContaining("found NaN at token 1");
    }

    @Test
    void sample_refusesNaNOfAProcessor() {
        LogitsProcessor wrong = (logits, position) -> logits[1] = Float.NaN;
        assertThatExceptionOfType(SamplingException.class)
                .isThrownBy(() -> new Sampler(RANDOM, 0, 0, 2, List.of(wrong)).sample(new float[2], 3))
                .withMessageContaining("position 3: ");
    }

    @Test
    void sample_refusesPenaltiesThatOverflow() {
        Sampler sampler =
                new Sampler(RANDOM.toBuilder().repetitionPenalty(1e-300).build(), 0, 2);
        sampler.acceptPrompt(1);
        assertThatExceptionOfType(SamplingException.class)
                .isThrownBy(() -> sampler.sample(new float[] {1, 1}, 0))
                .withMessageContaining("found Infinity at token 1");
    }

    @Test
    void sample_refusesNothingLeft() {
        for (SamplingParams params : List.of(SamplingParams.greedy(), RANDOM, PlainSampler.with(1, 1, 0.9, 0.1))) {
            assertThatExceptionOfType(SamplingException.class)
                    .isThrownBy(() -> new Sampler(params, 0, 3).sample(new float[] {NONE, NONE, NONE}, 4))
                    .withMessageStartingWith("sample: position 4: expected a token to choose from");
        }
        assertThatExceptionOfType(SamplingException.class)
                .isThrownBy(() -> new Sampler(PlainSampler.bias(Map.of(0, NONE)), 0, 1).sample(new float[1], 0));
    }

    @Test
    void sample_neverDrawsWhatIsRuledOut() {
        float[] logits = new float[500];
        Arrays.fill(logits, NONE);
        logits[130] = -80;
        logits[499] = -80;
        assertThat(drawn(RANDOM, logits)).containsExactlyInAnyOrder(130, 499);
        assertThat(drawn(PlainSampler.with(1, 40, 0.999, 0), logits)).containsExactlyInAnyOrder(130, 499);
        assertThat(drawn(PlainSampler.with(1, 3, 1, 0), logits)).containsExactlyInAnyOrder(130, 499);
    }

    @Test
    void sample_extremeLogits() {
        float most = Float.MAX_VALUE;
        assertThat(drawn(RANDOM, most, -most, most)).containsExactlyInAnyOrder(0, 2);
        assertThat(drawn(PlainSampler.with(1e300, 0, 0.5, 0), most, -most)).containsExactly(0);
    }

    @Test
    void construction_refuses() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Sampler(RANDOM, 0, 0))
                .withMessage("Sampler: vocabSize: expected 1 or more, found 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Sampler(RANDOM, 0, -1, 5, List.of()))
                .withMessage("Sampler: choice: expected 0 or more, found -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Sampler(PlainSampler.bias(Map.of(5, 1f)), 0, 5))
                .withMessage("Sampler: logitBias: expected tokens below 5, found 5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Sampler(RANDOM.toBuilder().logprobs(6).build(), 0, 5))
                .withMessage("Sampler: logprobs: expected at most the vocabulary of 5, found 6");
    }

    @Test
    void calls_refuse() {
        Sampler sampler = new Sampler(RANDOM, 0, 5);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sampler.sample(new float[4], 0))
                .withMessage("sample: logits: expected [5], found [4]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sampler.sample(new float[5], -1))
                .withMessage("sample: position: expected 0 or more, found -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sampler.accept(5))
                .withMessage("Sampler: output: expected tokens below 5, found 5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sampler.acceptPrompt(0, -1))
                .withMessage("Sampler: prompt: expected tokens below 5, found -1");
    }

    @Test
    void sample_agreesWithTheDefinitionOverALargeVocabulary() {
        int vocabSize = 151_936;
        Random random = new Random(11);
        float[] logits = new float[vocabSize];
        for (int t = 0; t < vocabSize; t++) {
            logits[t] = Math.round(random.nextGaussian() * 40) / 8f; // coarse, for ties by the thousand
        }
        SampleScratch scratch = new SampleScratch();
        for (SamplingParams params : List.of(
                RANDOM,
                PlainSampler.with(0.7, 20, 0.8, 0),
                PlainSampler.with(1, 1187, 1, 0),
                PlainSampler.with(1, 50_000, 0.99, 0),
                PlainSampler.with(1, 0, 0.95, 0.01),
                PlainSampler.with(3, 0, 0.9999, 0))) {
            double[] expected = PlainSampler.distribution(logits, params);
            Sampler sampler = new Sampler(params, 3, vocabSize);
            for (int position = 0; position < 20; position++) {
                assertThat(sampler.sample(logits.clone(), position, scratch).token())
                        .isEqualTo(PlainSampler.choose(
                                logits, params, params.truncation().topP(), expected, 3, position));
            }
        }
    }

    private static SamplingParams withLogprobs() {
        return RANDOM.toBuilder().logprobs(1).build();
    }

    private static int greedy(float... logits) {
        return new Sampler(SamplingParams.greedy(), 0, logits.length)
                .sample(logits, 0)
                .token();
    }

    /** The distinct tokens of 400 draws. */
    private static List<Integer> drawn(SamplingParams params, float... logits) {
        Sampler sampler = new Sampler(params, 1, logits.length);
        List<Integer> tokens = new ArrayList<>();
        for (int position = 0; position < 400; position++) {
            tokens.add(sampler.sample(logits.clone(), position).token());
        }
        return tokens.stream().distinct().toList();
    }

    private static float[] logs(double... probabilities) {
        float[] logits = new float[probabilities.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) Math.log(probabilities[i]);
        }
        return logits;
    }
}
