package dev.hearth;

import dev.hearth.sample.SampleScratch;
import dev.hearth.schedule.Chunk;
import dev.hearth.schedule.Results;
import dev.hearth.schedule.Sequence;
import dev.hearth.schedule.TokenList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Scores a text: the log probability of each token after those before it. */
final class ScoreTask implements Sequence.Listener {
    private final TextScores scores;
    private final Outcome<List<TokenScore>> outcome = new Outcome<>("scoring", "scored a text");

    ScoreTask(TokenList tokens, int alternatives, SampleScratch scratch) {
        this.scores = new TextScores(tokens, alternatives, scratch);
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
        return TextScores.CHUNK;
    }

    @Override
    public void accept(Results results, int row, int count, int position) {
        scores.accept(results, row, count, position);
    }

    @Override
    public void ended(Sequence.End end, @Nullable Throwable failure) {
        outcome.ended(end, failure, scores::scores);
    }
}
