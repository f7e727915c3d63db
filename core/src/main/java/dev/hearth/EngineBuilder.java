package dev.hearth;

import dev.hearth.adapter.AdapterFolder;
import dev.hearth.format.Loading;
import dev.hearth.quantize.BlockType;
import dev.hearth.quantize.QuantizedTensors;
import dev.hearth.schedule.EngineLoop;
import dev.hearth.spi.BackendOptions;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.Precision;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.DoubleConsumer;

/** How to load a model. What is left alone is chosen for the model and the machine. Not thread-safe. */
public final class EngineBuilder {
    private static final Duration LONGEST_STEP = Duration.ofHours(1);

    final Path path;
    Optional<Precision> precision = Optional.empty();
    Optional<CacheType> cacheType = Optional.empty();
    Optional<String> backend = Optional.empty();
    OptionalInt threads = OptionalInt.empty();
    BackendOptions.Placement placement = BackendOptions.Placement.FREE;
    OptionalInt deviceLayers = OptionalInt.empty();
    OptionalInt contextLength = OptionalInt.empty();
    OptionalLong cacheBytes = OptionalLong.empty();
    Loading loading = Loading.MAPPED;
    DoubleConsumer progress = part -> {};
    final List<AdapterFolder> adapters = new ArrayList<>();
    Optional<BlockType> weights = Optional.empty();
    int stepTokens = EngineLoop.Limits.DEFAULT.tokens();
    int maxSequences = EngineLoop.Limits.DEFAULT.sequences();
    Duration mixedStep = EngineLoop.Limits.DEFAULT.mixedStep();
    int maxWaiting = EngineLoop.Limits.DEFAULT.waiting();
    PrefixReuse prefixes = PrefixReuse.KEPT;
    Optional<LowerCache> lowerCache = Optional.empty();

    /** What becomes of the pages of sequences that end. */
    enum PrefixReuse {
        KEPT,
        FORGOTTEN
    }

    /** Where what goes from the cache is kept: in a folder, or in memory of this process if there is none. */
    record LowerCache(Optional<Path> folder, long bytes) {
        String name() {
            return folder.isPresent() ? "disk cache" : "host cache";
        }
    }

    EngineBuilder(Path path) {
        this.path = path;
    }

    /** Exact or fast arithmetic; by default fast where weights are block-quantised, else exact. */
    public EngineBuilder precision(Precision value) {
        precision = Optional.of(value);
        return this;
    }

    /** Threads that compute on the CPU; by default one a physical core. */
    public EngineBuilder threads(int count) {
        threads = OptionalInt.of(positive("threads", count));
        return this;
    }

    /**
     * Keeps each thread that computes on a physical core of its own, as long as it computes; Linux alone. Engines of one process take
     * different cores if there are enough. For machines with nothing else to do: a core that others use slows every step.
     */
    public EngineBuilder pinThreads() {
        placement = BackendOptions.Placement.PINNED;
        return this;
    }

    /** The backend by name, {@code cpu} for one; by default the best that this machine can use. */
    public EngineBuilder backend(String name) {
        backend = Optional.of(name);
        return this;
    }

    /**
     * How many layers, counted from the last, run on the devices of a backend that has memory of its own; the processor runs those before
     * them. By default all that fit. A processor, and an encoder, run all layers whatever is said here.
     */
    public EngineBuilder deviceLayers(int count) {
        if (count < 0) {
            throw new IllegalArgumentException("engine: layers on devices: expected at least 0, found " + count);
        }
        deviceLayers = OptionalInt.of(count);
        return this;
    }

    /** Most positions of a sequence; by default what the model was made for, or fewer if memory is short. */
    public EngineBuilder contextLength(int positions) {
        contextLength = OptionalInt.of(positive("context length", positions));
        return this;
    }

    /** Most bytes for keys and values of all sequences; by default half of the free memory, but not over 8 full contexts. */
    public EngineBuilder cacheBytes(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("engine: cache bytes: expected at least 1, found " + bytes);
        }
        cacheBytes = OptionalLong.of(bytes);
        return this;
    }

    /**
     * How keys and values are kept: fewer bytes hold more positions, and long contexts decode faster, for some accuracy. By default F32
     * in exact arithmetic and F16 in fast; an encoder keeps none.
     */
    public EngineBuilder cacheType(CacheType type) {
        cacheType = Optional.of(type);
        return this;
    }

    /**
     * Most tokens that a step computes, up to {@value EngineLoop#STEP_TOKENS}, the default: what generates goes first, chunks of
     * prompts get the rest.
     */
    public EngineBuilder stepTokens(int count) {
        stepTokens = atMost("tokens a step", EngineLoop.STEP_TOKENS, count);
        return this;
    }

    /**
     * How long a step should take at most while somebody's answer is written; by default 200 ms. Prompts get as many of its tokens as
     * there is time for by what steps took of late, at least 16. Less makes the pauses shorter that long prompts cause in other answers,
     * and prompts slower.
     */
    public EngineBuilder stepTime(Duration most) {
        if (!most.isPositive() || most.compareTo(LONGEST_STEP) > 0) {
            throw new IllegalArgumentException(
                    "engine: time of a step: expected more than 0 and at most " + LONGEST_STEP + ", found " + most);
        }
        mixedStep = most;
        return this;
    }

    /** Most requests that run at a time, up to {@value EngineLoop#STEP_TOKENS}, the default; others wait. */
    public EngineBuilder maxSequences(int count) {
        maxSequences = atMost("sequences", EngineLoop.STEP_TOKENS, count);
        return this;
    }

    /** Most requests that wait for their turn before more are refused with {@link EngineBusyException}; by default 1024. */
    public EngineBuilder maxWaiting(int count) {
        maxWaiting = positive("waiting requests", count);
        return this;
    }

    /**
     * Computes every prompt from its beginning. By default the keys and values of former requests stay while there is room, and requests
     * that begin alike take them over, with the same answers.
     */
    public EngineBuilder withoutPrefixCache() {
        prefixes = PrefixReuse.FORGOTTEN;
        return this;
    }

    /**
     * Keeps what goes from the cache in a file, and reads it back where that takes less time than computing it again, as far as it has
     * been measured: prompts of former requests, and requests that had to give up their pages. Up to 64 MiB of memory are used on the
     * way, or two pages where they are larger. The file is the engine's own and goes with it; after an error of the disk, which is logged, everything is computed.
     *
     * @param folder where the file is to be
     * @param bytes its largest size
     */
    public EngineBuilder diskCache(Path folder, long bytes) {
        return lower(new LowerCache(Optional.of(folder), bytes));
    }

    /**
     * As {@link #diskCache}, in memory of this process, and in its place: for a cache in a GPU's memory. Where the cache lies in the
     * process's memory itself, more {@link #cacheBytes} serve better.
     */
    public EngineBuilder hostCache(long bytes) {
        return lower(new LowerCache(Optional.empty(), bytes));
    }

    private EngineBuilder lower(LowerCache lower) {
        if (lower.bytes < 1) {
            throw new IllegalArgumentException(
                    "engine: " + lower.name() + ": expected at least 1 byte, found " + lower.bytes);
        }
        lowerCache = Optional.of(lower);
        return this;
    }

    /** Copies the weights instead of mapping the file: safe against files that are truncated while the engine runs. */
    public EngineBuilder weightsInMemory() {
        loading = Loading.IN_MEMORY;
        return this;
    }

    /**
     * Merges a low-rank adapter into the weights as they load, in F32: a folder in PEFT's layout. Several are merged in the order
     * of the calls. The model has to be a folder of safetensors.
     */
    public EngineBuilder adapter(Path folder) {
        return adapter(folder, 1);
    }

    /** As {@link #adapter(Path)}, its changes multiplied by {@code scale} beside the scaling that it was trained with. */
    public EngineBuilder adapter(Path folder, double scale) {
        adapters.add(new AdapterFolder(folder, scale));
        return this;
    }

    /**
     * Encodes matrices of F32, F16 and BF16 in a type of blocks as they load, after adapters: less memory and faster steps for some
     * accuracy, without a file of that kind. Matrices whose rows don't fill blocks stay plain.
     *
     * @throws IllegalArgumentException if the type is not one of blocks
     */
    public EngineBuilder weights(BlockType type) {
        QuantizedTensors.stored(type);
        weights = Optional.of(type);
        return this;
    }

    /** Hears how much is loaded, 0 to 1, on the loading thread. */
    public EngineBuilder onProgress(DoubleConsumer listener) {
        progress = listener;
        return this;
    }

    /**
     * Loads.
     *
     * @throws dev.hearth.format.ModelFormatException if the model is broken or of an unknown kind
     * @throws InsufficientMemoryException if what was asked for cannot fit
     * @throws IllegalArgumentException if there is a disk or host cache and nothing that would go there
     * @throws java.io.UncheckedIOException if no file can be made for it
     * @throws dev.hearth.spi.BackendUnavailableException if the backend that was asked for cannot be used
     */
    public Engine load() {
        return new Engine(
                LoadedModel.load(this), new EngineLoop.Limits(stepTokens, maxSequences, maxWaiting, mixedStep));
    }

    /** As {@link #load}, without the loop that runs requests: the caller runs steps, as measurements do. */
    public BareModel loadBare() {
        return new BareModel(LoadedModel.load(this));
    }

    BackendOptions hostOptions() {
        return new BackendOptions(threads, placement);
    }

    private static int atMost(String what, int limit, int value) {
        if (value > limit) {
            throw new IllegalArgumentException("engine: " + what + ": expected at most " + limit + ", found " + value);
        }
        return positive(what, value);
    }

    private static int positive(String what, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("engine: " + what + ": expected at least 1, found " + value);
        }
        return value;
    }
}
