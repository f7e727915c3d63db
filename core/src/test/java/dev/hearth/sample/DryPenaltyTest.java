package dev.hearth.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DryPenaltyTest {
    private static final Dry DRY = Dry.of(0.8).withBreakers(List.of());
    private static final int[] THRICE = {1, 2, 3, 9, 1, 2, 3}; // 9 would repeat three tokens and itself

    /** What each of ten tokens loses from a logit of 0. */
    private static float[] losses(Dry dry, int... said) {
        Sampler sampler =
                new Sampler(SamplingParams.builder().temperature(0).dry(dry).build(), 0, 10);
        sampler.acceptPrompt(Arrays.copyOf(said, said.length / 2));
        for (int i = said.length / 2; i < said.length; i++) {
            sampler.accept(said[i]);
        }
        float[] logits = new float[10];
        sampler.sample(logits, 0);
        return logits;
    }

    private static float[] only(int token, double loss) {
        float[] logits = new float[10];
        logits[token] = (float) -loss;
        return logits;
    }

    private static final float[] NOTHING = new float[10];

    @Test
    void penalty_growsWithWhatIsRepeated() {
        assertThat(losses(DRY, THRICE)).containsExactly(only(9, 0.8 * 1.75));
        assertThat(losses(DRY.withAllowedLength(3), THRICE)).containsExactly(only(9, 0.8));
        assertThat(losses(DRY.withAllowedLength(4), THRICE)).containsExactly(NOTHING);
        assertThat(losses(DRY.withAllowedLength(1), THRICE)).containsExactly(only(9, 0.8 * 1.75 * 1.75));
        assertThat(losses(DRY.withBase(2), THRICE)).containsExactly(only(9, 1.6));
    }

    @Test
    void penalty_isOfTheLongest() {
        // 1 2 was followed by 7, and 5 1 2 by 8; 2 alone by 6
        assertThat(losses(DRY.withAllowedLength(1), 1, 2, 7, 5, 1, 2, 8, 2, 6, 5, 1, 2))
                .containsExactly(0, 0, 0, 0, 0, 0, -0.8f, (float) -(0.8 * 1.75), (float) -(0.8 * 1.75 * 1.75), 0);
        assertThat(losses(DRY, 5, 1, 2, 8, 1, 2, 8, 5, 1, 2)).containsExactly(only(8, 0.8 * 1.75));
    }

    @Test
    void penalty_seesRunsWhole() {
        // five times the same: four of them stand before the last
        assertThat(losses(DRY, 4, 4, 4, 4, 4)).containsExactly(only(4, 0.8 * 1.75 * 1.75));
    }

    @Test
    void range_countsTheLastTokens() {
        assertThat(losses(DRY.withRange(7), THRICE)).containsExactly(only(9, 0.8 * 1.75));
        assertThat(losses(DRY.withRange(6), THRICE)).containsExactly(only(9, 0.8));
        assertThat(losses(DRY.withRange(5), THRICE)).containsExactly(NOTHING);
    }

    @Test
    void breakers_endARepetition() {
        assertThat(losses(DRY.withBreakers(List.of(Word.of(2))), THRICE)).containsExactly(NOTHING);
        assertThat(losses(DRY.withBreakers(List.of(Word.of(1))), THRICE)).containsExactly(only(9, 0.8));
        assertThat(losses(DRY.withBreakers(List.of(Word.of(2, 3))), THRICE)).containsExactly(NOTHING);
        assertThat(losses(DRY.withBreakers(List.of(Word.of(3, 9))), THRICE)).containsExactly(only(9, 0.8 * 1.75));
        assertThat(losses(DRY.withBreakers(List.of(Word.of(9, 1))), THRICE)).containsExactly(only(9, 0.8));
        assertThat(losses(DRY.withBreakers(List.of(Word.of(9), Word.of(9, 1))), THRICE))
                .containsExactly(NOTHING); // the longest of those that begin together, and 9 is one itself
    }

    @Test
    void breakers_loseNothingThemselves() {
        assertThat(losses(DRY.withBreakers(List.of(Word.of(9))), THRICE)).containsExactly(NOTHING);
    }

    @Test
    void penalty_neverRulesOut() {
        int[] many = new int[5000];
        assertThat(losses(DRY, many)).containsExactly(only(0, Float.MAX_VALUE));
        Sampler sampler = new Sampler(
                SamplingParams.builder().dry(DRY).bannedTokens(Set.of(1)).build(), 0, 2);
        sampler.acceptPrompt(many);
        assertThat(Draws.from(sampler, 0, 0)).containsExactly(0);
    }

    @Test
    void words_mustBeTokensByThen() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new Sampler(SamplingParams.builder().dry(Dry.of(1)).build(), 0, 10))
                .withMessageStartingWith("Sampler: dry: breakers: expected tokens, found text");
    }
}
