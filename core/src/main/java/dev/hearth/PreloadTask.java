package dev.hearth;

import dev.hearth.schedule.Chunk;
import dev.hearth.schedule.EngineLoop;
import dev.hearth.schedule.Sequence;
import dev.hearth.tensor.Tensor;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Has a prompt computed and wants nothing of it. */
final class PreloadTask implements Sequence.Listener {
    private final CompletableFuture<Sequence.End> result = new CompletableFuture<>();

    CompletableFuture<Sequence.End> result() {
        return result;
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
    public void accept(Tensor logits, int row, int count, int position) {}

    @Override
    public void ended(Sequence.End end, @Nullable Throwable failure) {
        switch (end) {
            case DONE -> result.complete(end);
            case CLOSED ->
                result.completeExceptionally(
                        new EngineClosedException("the engine was closed while it computed a prompt"));
            case CANCELLED, LATE -> result.cancel(false);
            case FAILED ->
                result.completeExceptionally(new GenerationException(
                        "computing a prompt failed: " + (failure == null ? "no cause" : failure.getMessage()),
                        failure == null ? new IllegalStateException("no cause was given") : failure));
        }
    }
}
