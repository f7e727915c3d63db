package dev.hearth.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MirostatTest {
    private static final float[] HALVES = Draws.logs(0.5, 0.25, 0.125, 0.125);

    private static SamplingParams params(Mirostat.Version version, double tau, double eta) {
        return SamplingParams.builder()
                .mirostat(new Mirostat(version, tau, eta))
                .build();
    }

    private static Sampler sampler(Mirostat.Version version, double tau, double eta) {
        return new Sampler(params(version, tau, eta), 1, 4);
    }

    @Test
    void v2_keepsSurprisesUpToTwiceTheTarget() {
        // surprises of 1, 2, 3 and 3 bits
        assertThat(Draws.from(params(Mirostat.Version.V2, 0.999, 0.1), HALVES)).containsExactly(0);
        assertThat(Draws.from(params(Mirostat.Version.V2, 1.001, 0.1), HALVES)).containsExactly(0, 1);
        assertThat(Draws.from(params(Mirostat.Version.V2, 1.499, 0.1), HALVES)).containsExactly(0, 1);
        assertThat(Draws.from(params(Mirostat.Version.V2, 1.501, 0.1), HALVES)).containsExactly(0, 1, 2, 3);
    }

    @Test
    void v2_keepsTheLikeliestInAnyCase() {
        assertThat(Draws.from(params(Mirostat.Version.V2, 0.1, 0.1), 1, 1, 1, 1))
                .containsExactly(0);
    }

    @Test
    void v2_learnsFromTheSurpriseBeforeTheCut() {
        Sampler sampler = sampler(Mirostat.Version.V2, 1.001, 0.1);
        draw(sampler, 1);
        sampler.accept(1);
        // mu is 2.002 - 0.1 * (2 - 1.001) = 1.902; after the cut the surprise would be 1.585, and mu 1.944
        assertThat(Draws.from(sampler, Draws.logs(1 - 0.2643, 0.2643, 1e-9, 1e-9)))
                .containsExactly(0); // 1.920 bits
        assertThat(Draws.from(sampler, Draws.logs(1 - 0.2694, 0.2694, 1e-9, 1e-9)))
                .containsExactly(0, 1); // 1.892 bits
    }

    @Test
    void v2_learnsNothingFromWhatWasNotDrawn() {
        Sampler sampler = sampler(Mirostat.Version.V2, 1.001, 0.5);
        sampler.accept(3);
        assertThat(Draws.from(sampler, HALVES)).containsExactly(0, 1);
        draw(sampler, 1);
        sampler.accept(0);
        assertThat(Draws.from(sampler, HALVES)).containsExactly(0, 1);
    }

    @Test
    void v1_keepsTheFirstKOfZipfsLaw() {
        // exponent (0.6931 * 0.6931 + 0.4055 * 0.6931) / (0.6931^2 + 0.4055^2 + 0.2877^2) = 1.0466, k 2.84 and 3.24
        assertThat(Draws.from(params(Mirostat.Version.V1, 1, 0.1), HALVES)).containsExactly(0, 1);
        assertThat(Draws.from(params(Mirostat.Version.V1, 1.1, 0.1), HALVES)).containsExactly(0, 1, 2);
    }

    @Test
    void v1_estimatesFromAHundred() {
        // flat, so that k is all for a mass above 1: 2^7.7 / 199; with the 101st the exponent were 0.165, and k 89
        float[] logits = new float[200];
        Arrays.fill(logits, 100, 200, -20);
        assertThat(Draws.from(params(Mirostat.Version.V1, 3.85, 0.1), logits)).contains(99);
    }

    @Test
    void v1_edges() {
        assertThat(Draws.from(params(Mirostat.Version.V1, 1, 0.1), 3)).containsExactly(0);
        assertThat(Draws.from(params(Mirostat.Version.V1, 0.5, 0.1), 1, 1, 1, 1))
                .containsExactly(0);
        assertThat(Draws.from(params(Mirostat.Version.V1, 3, 0.1), 1, 1, 1, 1)).containsExactly(0, 1, 2, 3);
        assertThat(Draws.from(params(Mirostat.Version.V1, 3, 0.1), 1e30f, -1e30f, 0, Float.NEGATIVE_INFINITY))
                .containsExactly(0);
    }

    @Test
    void both_holdTheTarget() {
        float[] logits = new float[2000];
        for (int t = 0; t < logits.length; t++) {
            logits[t] = (float) (-1.1 * Math.log(t + 1));
        }
        double total = 0;
        for (float logit : logits) {
            total += Math.exp(logit);
        }
        for (Mirostat.Version version : Mirostat.Version.values()) {
            Sampler sampler = new Sampler(params(version, 4, 0.1), 3, logits.length);
            double bits = 0;
            for (int position = 0; position < 2000; position++) {
                int token = sampler.sample(logits.clone(), position).token();
                sampler.accept(token);
                bits += Math.log(total / Math.exp(logits[token])) / Math.log(2);
            }
            assertThat(bits / 2000).as("%s", version).isBetween(3.9, 4.1);
        }
    }

    /** Draws until it is the token wanted. */
    private static void draw(Sampler sampler, int wanted) {
        int position = 0;
        while (sampler.sample(HALVES.clone(), position).token() != wanted) {
            position++;
        }
    }
}
