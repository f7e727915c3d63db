package dev.hearth;

import dev.hearth.sample.Logprobs;
import dev.hearth.sample.SampleScratch;
import dev.hearth.schedule.Chunk;
import dev.hearth.schedule.Results;
import dev.hearth.schedule.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Finds what may stand in some places of one text. */
final class MaskTask implements Sequence.Listener {
    private final Set<Integer> positions;
    private final int alternatives;
    private final SampleScratch scratch; // the loop's own
    private final List<MaskedToken> found = new ArrayList<>();
    private final Outcome<List<MaskedToken>> outcome = new Outcome<>("reading a text", "read a text");

    MaskTask(Set<Integer> positions, int alternatives, SampleScratch scratch) {
        this.positions = new TreeSet<>(positions);
        this.alternatives = alternatives;
        this.scratch = scratch;
    }

    CompletableFuture<List<MaskedToken>> result() {
        return outcome.result();
    }

    @Override
    public Chunk.Logits wanted(boolean last) {
        return Chunk.Logits.ALL;
    }

    @Override
    public int chunkLimit() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void accept(Results results, int row, int count, int position) {
        for (int at : positions) {
            float[] logits = scratch.row(results.width());
            results.copy(row + at - position, logits);
            List<TokenScore.Alternative> top = Logprobs.of(logits, scratch).top(alternatives).stream()
                    .map(t -> new TokenScore.Alternative(t.token(), t.logprob()))
                    .toList();
            found.add(new MaskedToken(at, top));
        }
    }

    @Override
    public void ended(Sequence.End end, @Nullable Throwable failure) {
        outcome.ended(end, failure, () -> List.copyOf(found));
    }
}
