package dev.hearth.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogprobsTest {
    private static final float NONE = Float.NEGATIVE_INFINITY;

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 127, 128, 129, 151_936})
    void at_agreesWithTheDefinition(int vocabSize) {
        float[] logits = random(vocabSize, 6);
        double sum = 0;
        for (float logit : logits) {
            sum += StrictMath.exp(logit);
        }
        Logprobs logprobs = Logprobs.of(logits, new SampleScratch());
        for (int t = 0; t < vocabSize; t += 1 + vocabSize / 1000) {
            assertThat(logprobs.at(t)).isCloseTo(logits[t] - StrictMath.log(sum), within(1e-11));
        }
    }

    @Test
    void at_extremes() {
        SampleScratch scratch = new SampleScratch();
        Logprobs far = Logprobs.of(new float[] {0, -1e30f, NONE}, scratch);
        assertThat(far.at(0)).isZero();
        assertThat(far.at(1)).isEqualTo(-1e30f);
        assertThat(far.at(2)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(Logprobs.of(new float[] {1e30f, 1e30f}, scratch).at(1)).isCloseTo(-Math.log(2), within(1e-12));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5, 8, 9, 40, 1000})
    void top_isTheHeadOfTheRanking(int count) {
        float[] logits = random(1000, 1);
        for (int t = 0; t < logits.length; t++) {
            logits[t] = Math.round(logits[t] * 4) / 4f; // ties
        }
        Logprobs logprobs = Logprobs.of(logits, new SampleScratch());
        List<Integer> ranking = IntStream.range(0, 1000)
                .boxed()
                .sorted((a, b) -> logits[a] == logits[b] ? a - b : Float.compare(logits[b], logits[a]))
                .limit(count)
                .toList();
        assertThat(logprobs.top(count)).extracting(TokenLogprob::token).containsExactlyElementsOf(ranking);
        assertThat(logprobs.top(count)).allMatch(t -> t.logprob() == logprobs.at(t.token()));
    }

    @Test
    void top_leavesOutWhatIsRuledOut() {
        Logprobs logprobs = Logprobs.of(new float[] {NONE, 1, NONE, 2}, new SampleScratch());
        assertThat(logprobs.top(4)).extracting(TokenLogprob::token).containsExactly(3, 1);
    }

    @Test
    void top_survivesAnotherRowInTheSameScratch() {
        SampleScratch scratch = new SampleScratch();
        Logprobs first = Logprobs.of(new float[] {3, 1, 2}, scratch);
        Logprobs.of(random(400, 1), scratch);
        assertThat(first.top(2)).extracting(TokenLogprob::token).containsExactly(0, 2);
    }

    @Test
    void errors() {
        SampleScratch scratch = new SampleScratch();
        assertThatExceptionOfType(SamplingException.class)
                .isThrownBy(() -> Logprobs.of(new float[] {0, Float.NaN}, scratch))
                .withMessageStartingWith("logprobs: expected logits below infinity, found NaN at token 1");
        assertThatExceptionOfType(SamplingException.class)
                .isThrownBy(() -> Logprobs.of(new float[] {NONE, NONE}, scratch));
        assertThatExceptionOfType(SamplingException.class).isThrownBy(() -> Logprobs.of(new float[0], scratch));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Logprobs.of(new float[2], scratch).top(3))
                .withMessage("logprobs: top: expected 0 to 2 tokens, found 3");
    }

    @Test
    void exponentials_areAsCloseAsTheySay() {
        float[] values = new float[20_001];
        for (int i = 0; i < values.length; i++) {
            values[i] = -i / 100f;
        }
        double[] out = new double[values.length];
        Candidates.exponentials(values, 0, values.length, 0, 1, out);
        for (int i = 0; i < values.length; i++) {
            double exact = StrictMath.exp(values[i]);
            assertThat(Math.abs(out[i] / exact - 1)).as("exp(%s)", values[i]).isLessThan(1e-12);
        }
        assertThat(out[0]).isEqualTo(1);
    }

    @Test
    void exponentials_neverVanish() {
        double[] out = new double[2];
        Candidates.exponentials(new float[] {-Float.MAX_VALUE, -1000}, 0, 2, 0, 1, out);
        for (double weight : out) {
            assertThat(weight).isPositive().isLessThan(1e-300);
        }
    }

    private static float[] random(int count, double spread) {
        Random random = new Random(count);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (spread * random.nextGaussian());
        }
        return values;
    }
}
