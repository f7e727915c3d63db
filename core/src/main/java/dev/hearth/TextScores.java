package dev.hearth;

import dev.hearth.sample.Logprobs;
import dev.hearth.sample.SampleScratch;
import dev.hearth.sample.TokenLogprob;
import dev.hearth.schedule.Results;
import dev.hearth.schedule.TokenList;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How likely a network finds each token of a text after those before it. Rows of logits come in the order of positions, each once, and
 * are reduced as they come. The loop's thread.
 */
final class TextScores {
    /** Most tokens of a step while rows of all of them are wanted: they are wide. */
    static final int CHUNK = 32;

    private final TokenList tokens;
    private final int count;
    private final int alternatives;
    private final SampleScratch scratch;
    private final List<TokenScore> scores = new ArrayList<>();

    /** Of the tokens that there are now, with so many alternatives each. */
    TextScores(TokenList tokens, int alternatives, SampleScratch scratch) {
        this.tokens = tokens;
        this.count = tokens.size();
        this.alternatives = alternatives;
        this.scratch = scratch;
        scores.add(new TokenScore(tokens.get(0), OptionalDouble.empty(), List.of()));
    }

    /** Whether every token has its score. */
    boolean complete() {
        return scores.size() == count;
    }

    /** Those that there are, of the first token on. */
    List<TokenScore> scores() {
        return List.copyOf(scores);
    }

    /** Logits after the token at {@code position} and after those that follow it: [rows, vocabulary] from {@code row} on. */
    void accept(Results results, int row, int rows, int position) {
        for (int i = 0; i < rows && position + i + 1 < count; i++) {
            if (position + i + 1 != scores.size()) {
                throw new IllegalStateException(
                        "scores: expected logits of position " + (scores.size() - 1) + ", found " + (position + i));
            }
            int next = tokens.get(position + i + 1);
            Logprobs logprobs = Logprobs.of(row(results, row + i, scratch), scratch);
            scores.add(score(next, logprobs.at(next), logprobs.top(alternatives)));
        }
    }

    /** A token with its log probability and the likeliest ones. */
    static TokenScore score(int token, double logprob, List<TokenLogprob> top) {
        return new TokenScore(
                token,
                OptionalDouble.of(logprob),
                top.stream()
                        .map(t -> new TokenScore.Alternative(t.token(), t.logprob()))
                        .toList());
    }

    /** A row of logits, in memory of the loop's that the next one overwrites. */
    static float[] row(Results results, int row, SampleScratch scratch) {
        float[] logits = scratch.row(results.width());
        results.copy(row, logits);
        return logits;
    }
}
