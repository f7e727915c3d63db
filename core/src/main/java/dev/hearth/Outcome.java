package dev.hearth;

import dev.hearth.schedule.Sequence;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What comes of a sequence that writes nothing, told by the loop's thread.
 *
 * @param result ends with the sequence
 * @param doing what it does, as in "scoring"
 * @param done the same when the engine was closed meanwhile, as in "scored a text"
 */
record Outcome<T>(CompletableFuture<T> result, String doing, String done) {
    Outcome(String doing, String done) {
        this(new CompletableFuture<>(), doing, done);
    }

    /** The sequence has ended; the value is asked for only if it has come to its end. */
    void ended(Sequence.End end, @Nullable Throwable failure, Supplier<T> value) {
        switch (end) {
            case DONE -> result.complete(value.get());
            case CLOSED ->
                result.completeExceptionally(new EngineClosedException("the engine was closed while it " + done));
            case CANCELLED, LATE -> result.cancel(false);
            case FAILED ->
                result.completeExceptionally(new GenerationException(
                        doing + " failed: " + (failure == null ? "no cause" : failure.getMessage()),
                        failure == null ? new IllegalStateException("no cause was given") : failure));
        }
    }
}
