package dev.hearth.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hearth.sample.BeamScorer.Next;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Beam search over rows by hand. Whole searches are compared with transformers' where there is a network. */
class BeamScorerTest {
    private static final int END = 3;
    private static final float NEVER = Float.NEGATIVE_INFINITY;

    private final SampleScratch scratch = new SampleScratch();

    private static BeamScorer scorer(BeamSearch search, int maxTokens) {
        return new BeamScorer(search, maxTokens, Set.of(END), OptionalInt.of(1));
    }

    private boolean add(BeamScorer scorer, int beam, float... logits) {
        return scorer.add(beam, logits, 5, Optional.empty(), scratch);
    }

    private static List<Integer> tokens(BeamScorer.Answer answer) {
        return answer.beam().tokens().stream().map(Sampled::token).toList();
    }

    @Test
    void advance_prefersLowerTokensAndBeginningsAmongEquals() {
        BeamScorer scorer = scorer(BeamSearch.of(2), 9);
        assertThat(add(scorer, 0, 1, 1, 1, NEVER)).isTrue();
        assertThat(scorer.advance()).containsExactly(new Next(0, 0), new Next(0, 1));
        assertThat(add(scorer, 1, 2, 2, 0, NEVER)).isFalse();
        assertThat(add(scorer, 0, 2, 2, 0, NEVER)).isTrue();
        assertThat(scorer.advance()).containsExactly(new Next(0, 0), new Next(0, 1));
    }

    @Test
    void advance_goesOnWithFewerWhereTheVocabularyHasNoMore() {
        BeamScorer scorer = scorer(BeamSearch.of(4), 9);
        add(scorer, 0, 3, NEVER, 2, NEVER);
        assertThat(scorer.advance()).containsExactly(new Next(0, 0), new Next(0, 2));
        add(scorer, 0, 0, 0, 0, 0);
        add(scorer, 1, 0, 0, 0, 0);
        assertThat(scorer.advance()).hasSize(4);
    }

    @Test
    void end_countsOnlyAmongTheLikeliest() {
        BeamScorer scorer = scorer(BeamSearch.of(2), 9);
        add(scorer, 0, 3, 2, NEVER, 1);
        assertThat(scorer.advance()).hasSize(2);
        assertThat(scorer.answers(2)).extracting(BeamScorer.Answer::ended).containsExactly(false, false);
        add(scorer, 0, NEVER, 0, NEVER, 9);
        add(scorer, 1, 5, 0, NEVER, NEVER);
        assertThat(scorer.advance()).hasSize(2);
        assertThat(scorer.answers(1)).singleElement().satisfies(answer -> {
            assertThat(answer.ended()).isTrue();
            assertThat(tokens(answer)).containsExactly(0, END);
            assertThat(answer.score()).isCloseTo(answer.beam().sum() / 2, within(1e-12));
            assertThat(answer.beam().tokens().getLast().top()).hasSize(1);
        });
    }

    @Test
    void limit_endsEveryAnswer() {
        BeamScorer scorer = scorer(BeamSearch.of(2).withLengthPenalty(0), 1);
        add(scorer, 0, 1, 3, 2, 0);
        assertThat(scorer.advance()).isEmpty();
        assertThat(scorer.answers(5)).extracting(BeamScorerTest::tokens).containsExactly(List.of(1), List.of(2));
        assertThat(scorer.answers(5)).extracting(BeamScorer.Answer::ended).containsOnly(false);
    }

    @Test
    void edits_areThoseOfLogProbabilities() {
        SamplingParams params = SamplingParams.builder().bannedTokens(Set.of(1)).build();
        Optional<Sampler> edits = Optional.of(new Sampler(params, 0, 4));
        BeamScorer scorer = scorer(BeamSearch.of(2), 9);
        scorer.add(0, new float[] {1, 9, 2, 0}, 5, edits, scratch);
        assertThat(scorer.advance()).containsExactly(new Next(0, 2), new Next(0, 0));
        assertThat(scorer.answers(1).getFirst().beam().sum()) // not as if the others were all
                .isCloseTo(2 - 9.0012, within(1e-3));
    }

    @Test
    void row_thatLeavesNothingFails() {
        BeamScorer scorer = scorer(BeamSearch.of(2), 9);
        SamplingParams params =
                SamplingParams.builder().bannedTokens(Set.of(0, 1, 2, 3)).build();
        scorer.add(0, new float[4], 5, Optional.of(new Sampler(params, 0, 4)), scratch);
        assertThatThrownBy(scorer::advance)
                .isInstanceOf(SamplingException.class)
                .hasMessageContaining("every one ruled out");
        assertThatThrownBy(() -> add(scorer(BeamSearch.of(2), 9), 0, 1, Float.NaN, 1, 1))
                .isInstanceOf(SamplingException.class);
        assertThatThrownBy(scorer(BeamSearch.of(2), 9)::advance)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("rows of 1, found 0");
    }

    @Test
    void search_outsideItsRangeIsRefused() {
        assertThatThrownBy(() -> BeamSearch.of(129)).hasMessageContaining("width: expected 1 to 128, found 129");
        assertThatThrownBy(() -> BeamSearch.of(2).withLengthPenalty(Double.NaN))
                .hasMessageContaining("lengthPenalty: expected a finite number, found NaN");
    }
}
