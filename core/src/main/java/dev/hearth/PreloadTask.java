package dev.hearth;

import dev.hearth.schedule.Chunk;
import dev.hearth.schedule.EngineLoop;
import dev.hearth.schedule.Results;
import dev.hearth.schedule.Sequence;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Has a prompt computed and wants nothing of it. */
final class PreloadTask implements Sequence.Listener {
    private final Outcome<Sequence.End> outcome = new Outcome<>("computing a prompt", "computed a prompt");

    CompletableFuture<Sequence.End> result() {
        return outcome.result();
    }

    @Override
    public Chunk.Logits wanted(boolean last) {
        return last ? Chunk.Logits.LAST : Chunk.Logits.NONE;
    }

    @Override
    public int chunkLimit() {
        return EngineLoop.STEP_TOKENS;
    }

    @Override
    public void accept(Results logits, int row, int count, int position) {}

    @Override
    public void ended(Sequence.End end, @Nullable Throwable failure) {
        outcome.ended(end, failure, () -> end);
    }
}
