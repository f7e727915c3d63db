package dev.hearth;

import dev.hearth.sample.Logprobs;
import dev.hearth.sample.SampleScratch;
import dev.hearth.schedule.Chunk;
import dev.hearth.schedule.Results;
import dev.hearth.schedule.Sequence;
import dev.hearth.schedule.TokenList;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Scores a text: the log probability of each token after those before it. */
final class ScoreTask implements Sequence.Listener {
    private static final int CHUNK = 32; // rows of logits are wide

    private final TokenList tokens;
    private final int alternatives;
    private final SampleScratch scratch; // the loop's own
    private final List<TokenScore> scores = new ArrayList<>();
    private final Outcome<List<TokenScore>> outcome = new Outcome<>("scoring", "scored a text");

    ScoreTask(TokenList tokens, int alternatives, SampleScratch scratch) {
        this.scratch = scratch;
        this.tokens = tokens;
        this.alternatives = alternatives;
        scores.add(new TokenScore(tokens.get(0), OptionalDouble.empty(), List.of()));
    }

    CompletableFuture<List<TokenScore>> result() {
        return outcome.result();
    }

    @Override
    public Chunk.Logits wanted(boolean last) {
        return Chunk.Logits.ALL;
    }

    @Override
    public int chunkLimit() {
        return CHUNK;
    }

    @Override
    public void accept(Results results, int row, int count, int position) {
        for (int i = 0; i < count && position + i + 1 < tokens.size(); i++) {
            float[] logits = scratch.row(results.width());
            results.copy(row + i, logits);
            int next = tokens.get(position + i + 1);
            Logprobs logprobs = Logprobs.of(logits, scratch);
            List<TokenScore.Alternative> top = logprobs.top(alternatives).stream()
                    .map(t -> new TokenScore.Alternative(t.token(), t.logprob()))
                    .toList();
            scores.add(new TokenScore(next, OptionalDouble.of(logprobs.at(next)), top));
        }
    }

    @Override
    public void ended(Sequence.End end, @Nullable Throwable failure) {
        outcome.ended(end, failure, () -> List.copyOf(scores));
    }
}
