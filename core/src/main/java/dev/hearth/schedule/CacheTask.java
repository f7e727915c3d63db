package dev.hearth.schedule;

import dev.hearth.state.StateCache;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Something to be done with the cache between two steps. */
record CacheTask<T>(Function<StateCache, T> work, CompletableFuture<T> result) {
    /** Does it; what is left is to tell. */
    Runnable run(StateCache cache) {
        try {
            T value = work.apply(cache);
            return () -> result.complete(value);
        } catch (RuntimeException | Error e) {
            return () -> result.completeExceptionally(e);
        }
    }
}
