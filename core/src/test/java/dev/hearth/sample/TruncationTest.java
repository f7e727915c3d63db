package dev.hearth.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each truncation by hand, on either side of its edge. */
class TruncationTest {
    private static final float NONE = Float.NEGATIVE_INFINITY;
    private static final float[] TENTHS = Draws.logs(0.4, 0.3, 0.2, 0.1);

    private static SamplingParams.Builder params() {
        return SamplingParams.builder();
    }

    @Test
    void typical_takesTheNearestToTheEntropyFirst() {
        // entropy 1.280; surprises 0.916, 1.204, 1.609, 2.303; so in order of distance 1, 2, 0, 3
        assertThat(Draws.from(params().typicalP(0).build(), TENTHS)).containsExactly(1);
        assertThat(Draws.from(params().typicalP(0.29).build(), TENTHS)).containsExactly(1);
        assertThat(Draws.from(params().typicalP(0.31).build(), TENTHS)).containsExactly(1, 2);
        assertThat(Draws.from(params().typicalP(0.49).build(), TENTHS)).containsExactly(1, 2);
        assertThat(Draws.from(params().typicalP(0.51).build(), TENTHS)).containsExactly(0, 1, 2);
        assertThat(Draws.from(params().typicalP(0.91).build(), TENTHS)).containsExactly(0, 1, 2, 3);
    }

    @Test
    void typical_isOverWhatMinPLeft() {
        // of 0.571 and 0.429 the entropy is 0.683, the surprises 0.560 and 0.847
        SamplingParams both = params().minP(0.7).typicalP(0.1).build();
        assertThat(Draws.from(both, TENTHS)).containsExactly(0);
    }

    @Test
    void typical_amongEqualsKeepsTheLowest() {
        assertThat(Draws.from(params().typicalP(0.5).build(), 1, 1, NONE, 1, 1)).containsExactly(0, 1);
    }

    @Test
    void topNSigma_goesByThePopulation() {
        // mean 1, deviation sqrt(3); by 3 instead of 4 it would be 2
        float[] logits = {0, 0, 0, 4, NONE};
        assertThat(Draws.from(params().topNSigma(2).temperature(9).build(), logits))
                .containsExactly(3);
        assertThat(Draws.from(params().topNSigma(2.31).temperature(9).build(), logits))
                .containsExactly(0, 1, 2, 3);
    }

    @Test
    void topNSigma_comesBeforeTopK() {
        // over the two largest alone the deviation would be 1 and 0.9 of it keep one
        float[] logits = {4, 2, -10, -10};
        assertThat(Draws.from(params().topNSigma(0.9).topK(2).build(), logits)).containsExactly(0, 1);
    }

    @Test
    void topH_addsTermsOfTheEntropy() {
        // terms of half a bit each, 1.5 together
        float[] logits = Draws.logs(0.25, 0.5, 0.25);
        assertThat(Draws.from(params().topH(0.1).build(), logits)).containsExactly(1);
        assertThat(Draws.from(params().topH(0.66).build(), logits)).containsExactly(1);
        assertThat(Draws.from(params().topH(0.67).build(), logits)).containsExactly(0, 1);
        assertThat(Draws.from(params().topH(0.99).build(), logits)).containsExactly(0, 1);
        assertThat(Draws.from(params().topH(0.99).topK(1).build(), logits)).containsExactly(1);
    }

    @Test
    void topH_looksAtAHundred() {
        float[] equal = new float[300];
        SamplingParams half = params().topH(0.995).build();
        assertThat(Draws.from(half, equal)).hasSizeGreaterThan(90).allMatch(t -> t < 99);
    }

    @Test
    void epsilon_cutsTheUnlikelyButNotTheLikeliest() {
        assertThat(Draws.from(params().epsilonCutoff(0.19).build(), TENTHS)).containsExactly(0, 1, 2);
        assertThat(Draws.from(params().epsilonCutoff(0.21).build(), TENTHS)).containsExactly(0, 1);
        assertThat(Draws.from(params().epsilonCutoff(0.9).build(), TENTHS)).containsExactly(0);
    }

    @Test
    void eta_goesByTheEntropy() {
        // entropy 1.030, its exponential 1 / 2.800: sqrt(0.36) and sqrt(0.3) of that are 0.214 and 0.196
        float[] logits = Draws.logs(0.5, 0.3, 0.2);
        assertThat(Draws.from(params().etaCutoff(0.36).build(), logits)).containsExactly(0, 1);
        assertThat(Draws.from(params().etaCutoff(0.3).build(), logits)).containsExactly(0, 1, 2);
        assertThat(Draws.from(params().etaCutoff(0.012).build(), Draws.logs(0.5, 0.489, 0.011)))
                .containsExactly(0, 1);
    }

    @Test
    void xtc_leavesTheLastOfTheTop() {
        float[] logits = Draws.logs(0.0999, 0.4, 0.3, 0.2001);
        assertThat(Draws.from(params().xtc(new Xtc(1, 0.2)).build(), logits)).containsExactly(0, 3);
        assertThat(Draws.from(params().xtc(new Xtc(1, 0.25)).build(), logits)).containsExactly(0, 2, 3);
        assertThat(Draws.from(params().xtc(new Xtc(1, 0.35)).build(), logits)).containsExactly(0, 1, 2, 3);
        assertThat(Draws.from(params().xtc(new Xtc(0, 0.2)).build(), logits)).containsExactly(0, 1, 2, 3);
        assertThat(Draws.from(params().xtc(new Xtc(1, 0.2)).build(), Draws.logs(0.3, 0.3, 0.3, 0.1)))
                .containsExactly(2, 3);
    }

    @Test
    void xtc_seesWhatMinPLeft() {
        // 0.36 of 0.3 and 0.2 and 0.1 alone is the 0.25 that only 0.4 and 0.3 reach, unless renormalised
        SamplingParams both = params().minP(0.4).xtc(new Xtc(1, 0.21)).build();
        assertThat(Draws.from(both, TENTHS)).containsExactly(2);
    }

    @Test
    void xtc_takesARandomNumberOfItsOwn() {
        float[] logits = Draws.logs(0.6, 0.4);
        Sampler sampler = new Sampler(params().xtc(new Xtc(0.5, 0.1)).build(), 7, 2);
        int excluded = 0;
        for (int position = 0; position < 200; position++) {
            boolean happens = Philox.uniform(7, 0, position, 1) <= 0.5;
            boolean first = Philox.uniform(7, 0, position, 0) <= 0.6;
            assertThat(sampler.sample(logits.clone(), position).token()).isEqualTo(happens || !first ? 1 : 0);
            excluded += happens ? 1 : 0;
        }
        assertThat(excluded).isBetween(70, 130);
    }

    @Test
    void dynamicTemperature_goesFromLowToHigh() {
        double half = Math.log(2) / 2;
        assertThat(new DynamicTemperature(0.5, 1).at(1, 0, 2)).isEqualTo(0.5);
        assertThat(new DynamicTemperature(0.5, 1).at(1, half, 2)).isCloseTo(1, within(1e-15));
        assertThat(new DynamicTemperature(0.5, 2).at(1, half, 2)).isCloseTo(0.75, within(1e-15));
        assertThat(new DynamicTemperature(0.5, 1).at(1, half, 4)).isCloseTo(0.75, within(1e-15));
        assertThat(new DynamicTemperature(0.5, 1).at(1, Math.log(2), 2)).isEqualTo(1.5);
        assertThat(new DynamicTemperature(0.5, 1).at(0.3, 0, 2)).isZero();
        assertThat(new DynamicTemperature(0.5, 1).at(0.3, Math.log(2), 2)).isCloseTo(0.8, within(1e-15));
        assertThat(new DynamicTemperature(0.5, 1).at(0.3, 0, 1)).isEqualTo(0.3);
    }

    @Test
    void dynamicTemperature_leavesGreedyAlone() {
        SamplingParams greedy = params().temperature(0)
                .dynamicTemperature(new DynamicTemperature(5, 1))
                .build();
        assertThat(Draws.from(greedy, 1, 2, 2)).containsExactly(1);
    }

    @Test
    void dynamicTemperature_ofZeroIsGreedy() {
        SamplingParams cold = params().temperature(0.5)
                .dynamicTemperature(new DynamicTemperature(0.5, 1))
                .build();
        assertThat(Draws.from(cold, 0, 2000)).containsExactly(1);
        assertThat(Draws.from(cold, 2, 2, 2)).containsExactly(0, 1, 2);
    }

    @Test
    void topPDecay_shrinksWithTheOutputAndStartsAgain() {
        SamplingParams params = params().topP(0.85)
                .topPDecay(new TopPDecay(0.5, 0.3, Set.of(3)))
                .build();
        Sampler sampler = new Sampler(params, 1, 4);
        sampler.acceptPrompt(0, 1, 2);
        List<Integer> counts = new ArrayList<>();
        for (int token : new int[] {0, 0, 0, 3, 0, 0}) {
            counts.add(Draws.from(sampler, TENTHS).size());
            sampler.accept(token);
        }
        assertThat(counts).containsExactly(3, 2, 1, 1, 3, 2); // 0.85, 0.425, 0.3, 0.3, 0.85, 0.425
    }
}
