package dev.hearth;

import dev.hearth.schedule.EngineLoop;
import dev.hearth.schedule.TokenList;
import dev.hearth.state.PinnedPrefix;
import dev.hearth.state.StateCache;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What an engine keeps of prompts that it has computed: keys and values, in pages of {@value StateCache#PAGE_SIZE} tokens, and copies of states
 * of fixed size at the ends of some, for requests that begin alike. They go when pages run short, those first that were used least
 * recently. Any thread.
 */
public final class Prefixes {
    private final Generator generator;
    private final EngineLoop loop;
    private final Supplier<String> identity; // of the model

    Prefixes(Generator generator, EngineLoop loop, Supplier<String> identity) {
        this.generator = generator;
        this.loop = loop;
        this.identity = identity;
    }

    /** A prefix that stays until it is closed, or the engine is. Any thread. */
    public final class Pin implements AutoCloseable {
        private final PinnedPrefix pinned;

        private Pin(PinnedPrefix pinned) {
            this.pinned = pinned;
        }

        /** Tokens that it holds: of whole pages alone, and none where all states of fixed size that there is room for are in use. */
        public int tokens() {
            return pinned.positions();
        }

        /** Leaves it to go when pages run short. Closing twice is harmless. */
        @Override
        public void close() {
            CompletableFuture<?> _ = loop.withCache(
                    cache -> { // a loop that closes frees it all the same
                        pinned.close();
                        return pinned;
                    });
        }
    }

    /**
     * Computes the prompt of a request, for later ones of its isolation that begin alike: a system prompt, a document. Waits.
     *
     * @return how many tokens the prompt has
     * @throws EngineClosedException if the engine is closed meanwhile
     */
    public int preload(Request request) {
        return generator.preload(request);
    }

    /**
     * As {@link #preload}, and holds it until the pin is closed.
     *
     * @throws IllegalArgumentException if the pins together would leave too little for a sequence of full length
     * @throws EngineClosedException if the engine is closed meanwhile
     */
    public Pin pin(Request request) {
        generator.preload(request);
        TokenList tokens = generator.tokens(request);
        String key = request.standing().terms().isolation();
        return new Pin(between(cache -> cache.pin(key, tokens::get, tokens.size())));
    }

    /**
     * Forgets all of an isolation that no running request uses and nobody has pinned; of the tenant's name where a request gives no isolation.
     *
     * @return how many tokens were forgotten
     * @throws EngineClosedException if the engine is closed meanwhile
     */
    public int drop(String isolation) {
        return StateCache.PAGE_SIZE * between(cache -> cache.dropPrefixes(isolation));
    }

    /**
     * Writes all that is kept to a file, for another process with the same model and settings, but for what went to a disk cache; requests run
     * meanwhile.
     *
     * @return how many tokens that are
     * @throws IOException if the file cannot be written; one that was there before is left as it is
     * @throws EngineClosedException if the engine is closed meanwhile
     */
    public int save(Path file) throws IOException {
        return file().save(file);
    }

    /**
     * Reads what {@link #save} wrote, as far as there is room that nothing else takes; requests run meanwhile.
     *
     * @return how many tokens that are
     * @throws IOException if the file cannot be read
     * @throws dev.hearth.format.ModelFormatException if it is broken, or of another model, precision or type of cache; what was read until then stays
     * @throws EngineClosedException if the engine is closed meanwhile
     */
    public int load(Path file) throws IOException {
        return file().load(file);
    }

    private PrefixFile file() {
        return new PrefixFile(loop, identity.get());
    }

    private <T> T between(Function<StateCache, T> work) {
        return between(loop, work);
    }

    /** Does something with the cache between two steps and waits for it. */
    static <T> T between(EngineLoop loop, Function<StateCache, T> work) {
        try {
            return loop.withCache(work).join();
        } catch (CancellationException e) {
            throw new EngineClosedException("the engine is closed");
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }
}
