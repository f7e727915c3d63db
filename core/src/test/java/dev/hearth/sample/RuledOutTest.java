package dev.hearth.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RuledOutTest {
    private static final int VOCABULARY = 6;

    private static Sampler sampler(SamplingParams.Builder params, int... prompt) {
        Sampler sampler = new Sampler(params.build(), 0, 0, VOCABULARY, Set.of(4, 5, 90), List.of());
        sampler.acceptPrompt(prompt);
        return sampler;
    }

    /** The tokens that are ruled out of six. */
    private static List<Integer> missing(Sampler sampler) {
        float[] logits = new float[VOCABULARY];
        sampler.sample(logits, 0);
        return IntStream.range(0, VOCABULARY)
                .filter(t -> logits[t] == Float.NEGATIVE_INFINITY)
                .boxed()
                .toList();
    }

    private static SamplingParams.Builder params() {
        return SamplingParams.builder();
    }

    @Test
    void minTokens_countTheOutput() {
        Sampler sampler = sampler(params().minTokens(2), 0, 1, 2, 3);
        assertThat(missing(sampler)).containsExactly(4, 5);
        sampler.accept(0);
        assertThat(missing(sampler)).containsExactly(4, 5);
        sampler.accept(0);
        assertThat(missing(sampler)).isEmpty();
    }

    @Test
    void allowedTokens_areAllThatIsLeft() {
        assertThat(missing(sampler(params().allowedTokens(Set.of(0, 3))))).containsExactly(1, 2, 4, 5);
        assertThat(missing(sampler(params().allowedTokens(Set.of(5, 1, 2))))).containsExactly(0, 3, 4);
    }

    @Test
    void bannedTokens_stayOutWhateverTheirBias() {
        Sampler sampler = sampler(params().bannedTokens(Set.of(2, 0)).logitBias(Map.of(2, 100f)));
        assertThat(missing(sampler)).containsExactly(0, 2);
    }

    @Test
    void bannedWords_endAtTheirLastToken() {
        SamplingParams.Builder params = params().bannedWords(List.of(Word.of(3), Word.of(1, 2), Word.of(0, 1, 5)));
        assertThat(missing(sampler(params))).containsExactly(3);
        assertThat(missing(sampler(params, 2, 1))).containsExactly(2, 3);
        assertThat(missing(sampler(params, 0, 1))).containsExactly(2, 3, 5);
        assertThat(missing(sampler(params, 0, 1, 1))).containsExactly(2, 3);
        Sampler across = sampler(params, 0);
        across.accept(1);
        assertThat(missing(across)).containsExactly(2, 3, 5);
    }

    @Test
    void noRepeatNgram_ofOneTakesEachTokenOnce() {
        assertThat(missing(sampler(params().noRepeatNgramSize(1), 3, 0, 3))).containsExactly(0, 3);
    }

    @Test
    void noRepeatNgram_goesByTheTokensBefore() {
        SamplingParams.Builder three = params().noRepeatNgramSize(3);
        assertThat(missing(sampler(three, 0, 1, 2, 0, 1))).containsExactly(2);
        assertThat(missing(sampler(three, 0, 1, 2, 0, 1, 3, 0, 1))).containsExactly(2, 3);
        assertThat(missing(sampler(three, 0, 1, 2, 4, 1))).isEmpty();
        assertThat(missing(sampler(three, 1, 1))).isEmpty(); // no three yet
        assertThat(missing(sampler(three, 1, 1, 1))).containsExactly(1);
        Sampler across = sampler(three, 0, 1, 2);
        across.accept(0);
        across.accept(1);
        assertThat(missing(across)).containsExactly(2);
    }

    @Test
    void nanIsNotHidden() {
        Sampler sampler = sampler(params().bannedTokens(Set.of(1)));
        assertThatExceptionOfType(SamplingException.class)
                .isThrownBy(() -> sampler.sample(new float[] {0, Float.NaN, 0, 0, 0, 0}, 3))
                .withMessageContaining("found NaN at token 1");
        Sampler few = sampler(params().allowedTokens(Set.of(1)));
        assertThatExceptionOfType(SamplingException.class)
                .isThrownBy(() -> few.sample(new float[] {0, 0, 0, 0, Float.POSITIVE_INFINITY, 0}, 3))
                .withMessageContaining("at token 4");
    }

    @Test
    void nothingLeftIsSaid() {
        Sampler sampler = sampler(params().allowedTokens(Set.of(1)).bannedTokens(Set.of(1)));
        assertThatExceptionOfType(SamplingException.class)
                .isThrownBy(() -> sampler.sample(new float[VOCABULARY], 3))
                .withMessageContaining("expected a token to choose from");
    }

    @Test
    void penaltyWindow_forgets() {
        Sampler sampler = sampler(
                params().temperature(0)
                        .repetitionPenalty(2)
                        .frequencyPenalty(0.5)
                        .penaltyWindow(3),
                0,
                1,
                1);
        assertThat(after(sampler)).containsExactly(2, 2, 4, 4, 4, 4);
        sampler.accept(2);
        assertThat(after(sampler)).containsExactly(4, 2, 1.5f, 4, 4, 4);
        sampler.accept(2);
        assertThat(after(sampler)).containsExactly(4, 2, 1, 4, 4, 4);
        sampler.accept(0);
        assertThat(after(sampler)).containsExactly(1.5f, 4, 1, 4, 4, 4);
        sampler.accept(0);
        assertThat(after(sampler)).containsExactly(1, 4, 1.5f, 4, 4, 4);
    }

    private static float[] after(Sampler sampler) {
        float[] logits = {4, 4, 4, 4, 4, 4};
        sampler.sample(logits, 0);
        return logits;
    }

    @Test
    void construction_refuses() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sampler(params().allowedTokens(Set.of(6))))
                .withMessage("Sampler: allowedTokens: expected tokens below 6, found 6");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sampler(params().bannedTokens(Set.of(7))))
                .withMessage("Sampler: bannedTokens: expected tokens below 6, found 7");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sampler(params().bannedWords(List.of(Word.of(0, 8)))))
                .withMessage("Sampler: bannedWords: expected tokens below 6, found 8");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sampler(params().bannedWords(List.of(Word.of("no")))))
                .withMessageStartingWith("Sampler: bannedWords: expected tokens, found text \"no\"");
    }
}
