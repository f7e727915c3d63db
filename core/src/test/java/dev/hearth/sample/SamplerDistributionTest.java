package dev.hearth.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Draws against the distribution that the definitions give, by Pearson's chi-square. */
class SamplerDistributionTest {
    private static final int DRAWS = 50_000;

    static List<SamplingParams> everyKind() {
        return List.of(
                PlainSampler.with(1, 0, 1, 0),
                PlainSampler.with(0.5, 0, 1, 0),
                PlainSampler.with(2, 0, 1, 0),
                PlainSampler.with(1, 10, 1, 0),
                PlainSampler.with(1, 0, 0.8, 0),
                PlainSampler.with(1.5, 0, 1, 0.1),
                PlainSampler.with(0.8, 40, 0.95, 0.02));
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void sample_followsTheDistribution(SamplingParams params) {
        int vocabSize = 200;
        Random random = new Random(5);
        float[] logits = new float[vocabSize];
        for (int t = 0; t < vocabSize; t++) {
            logits[t] = (float) (1.5 * random.nextGaussian());
        }
        double[] expected = PlainSampler.distribution(logits, params);
        int[] observed = new int[vocabSize];
        Sampler sampler = new Sampler(params, 2024, vocabSize);
        for (int position = 0; position < DRAWS; position++) {
            observed[sampler.sample(logits.clone(), position).token()]++;
        }
        assertThat(zScore(expected, observed)).isBetween(-3.72, 3.72); // 1e-4 in either tail
    }

    /** Chi-square over tokens expected at least 5 times, the rest in one bin, as a normal deviate (Wilson and Hilferty 1931). */
    private static double zScore(double[] expected, int[] observed) {
        double chiSquare = 0;
        double restExpected = 0;
        double restObserved = 0;
        int bins = 0;
        for (int t = 0; t < expected.length; t++) {
            double mean = expected[t] * DRAWS;
            if (mean == 0) {
                assertThat(observed[t]).isZero();
            } else if (mean < 5) {
                restExpected += mean;
                restObserved += observed[t];
            } else {
                chiSquare += (observed[t] - mean) * (observed[t] - mean) / mean;
                bins++;
            }
        }
        if (restExpected >= 5) {
            chiSquare += (restObserved - restExpected) * (restObserved - restExpected) / restExpected;
            bins++;
        }
        double freedom = bins - 1;
        double spread = 2 / (9 * freedom);
        return (Math.cbrt(chiSquare / freedom) - (1 - spread)) / Math.sqrt(spread);
    }
}
