package dev.hearth.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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
                PlainSampler.with(0.8, 40, 0.95, 0.02),
                SamplingParams.builder().typicalP(0.8).build(),
                SamplingParams.builder().topNSigma(1.5).build(),
                SamplingParams.builder().topH(0.6).build(),
                SamplingParams.builder().epsilonCutoff(0.01).build(),
                SamplingParams.builder().etaCutoff(0.05).build(),
                SamplingParams.builder()
                        .dynamicTemperature(new DynamicTemperature(0.7, 1.5))
                        .build());
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void sample_followsTheDistribution(SamplingParams params) {
        assertFollows(PlainSampler.distribution(logits(), params), params);
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 0.95, 0.5, 0.1})
    void rejection_followsTheDistributionOverUnevenBlocks(double topP) {
        float[] logits = new float[7 * LogitRow.BLOCK + 5];
        Random random = new Random(6);
        for (int t = 0; t < logits.length; t++) {
            int block = t / LogitRow.BLOCK;
            boolean out = block == 3 || t % 5 == 0;
            logits[t] = out ? Float.NEGATIVE_INFINITY : (float) (random.nextGaussian() * (1 + block % 3) / 2);
        }
        SamplingParams params = PlainSampler.with(0.8, 0, topP, 0);
        assertFollows(PlainSampler.distribution(logits, params), params, logits);
    }

    @Test
    void xtc_mixesWithAndWithout() {
        double[] without = PlainSampler.distribution(logits(), PlainSampler.with(1, 0, 1, 0));
        double[] with = without.clone();
        PlainSampler.exclude(with, 0.02);
        double[] expected = new double[with.length];
        for (int t = 0; t < expected.length; t++) {
            expected[t] = 0.3 * with[t] + 0.7 * without[t];
        }
        assertThat(with).isNotEqualTo(without);
        assertFollows(expected, SamplingParams.builder().xtc(new Xtc(0.3, 0.02)).build());
    }

    @ParameterizedTest
    @EnumSource
    void mirostat_drawsFromWhatItKeeps(Mirostat.Version version) {
        Mirostat mirostat = new Mirostat(version, 2.9, 0.1);
        double[] expected = PlainSampler.distribution(logits(), PlainSampler.with(1, 0, 1, 0));
        PlainSampler.mirostat(expected, mirostat, 2 * mirostat.tau());
        assertFollows(expected, SamplingParams.builder().mirostat(mirostat).build());
    }

    private static float[] logits() {
        Random random = new Random(5);
        float[] logits = new float[200];
        for (int t = 0; t < logits.length; t++) {
            logits[t] = (float) (1.5 * random.nextGaussian());
        }
        return logits;
    }

    private static void assertFollows(double[] expected, SamplingParams params) {
        assertFollows(expected, params, logits());
    }

    private static void assertFollows(double[] expected, SamplingParams params, float[] logits) {
        int[] observed = new int[logits.length];
        Sampler sampler = new Sampler(params, 2024, logits.length);
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
