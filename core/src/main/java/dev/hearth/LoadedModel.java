package dev.hearth;

import dev.hearth.adapter.AdapterFolder;
import dev.hearth.chat.ChatTemplate;
import dev.hearth.embedding.EmbeddingConfig;
import dev.hearth.embedding.Pooling;
import dev.hearth.format.ModelFolder;
import dev.hearth.format.ModelFormatException;
import dev.hearth.format.TensorEntry;
import dev.hearth.model.Architectures;
import dev.hearth.model.Decoder;
import dev.hearth.model.EmbeddingHead;
import dev.hearth.model.Encoder;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelSource;
import dev.hearth.model.Network;
import dev.hearth.model.Pipeline;
import dev.hearth.model.Weights;
import dev.hearth.sample.SamplingParams;
import dev.hearth.schedule.Runner;
import dev.hearth.spi.Backend;
import dev.hearth.spi.BackendUnavailableException;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.Device;
import dev.hearth.spi.Precision;
import dev.hearth.state.HostStore;
import dev.hearth.state.LowerStore;
import dev.hearth.state.PageFile;
import dev.hearth.state.StateCache;
import dev.hearth.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything that an engine runs on. Frees it in the order in which nothing is used after it is gone. */
record LoadedModel(
        ModelSource source,
        ModelConfig config,
        Optional<Tokenizer> tokenizer,
        Optional<ChatTemplate> template,
        Set<Integer> endTokens,
        SamplingParams sampling,
        Precision precision,
        CacheType cacheType,
        List<Backend> backends,
        String where,
        Weights weights,
        Network network,
        EmbeddingHead embedding,
        Runner runner,
        long cacheBytes,
        ModelIdentity identity)
        implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    static LoadedModel load(EngineBuilder options) {
        return Backends.use(options.backend, options.hostOptions(), backend -> load(options, backend));
    }

    private static LoadedModel load(EngineBuilder options, Backend backend) {
        try (Opened opened = new Opened()) {
            opened.add(backend);
            ModelSource source = opened.add(open(options));
            CompletableFuture<Optional<Tokenizer>> tokenizer = CompletableFuture.supplyAsync(
                    () -> source.hasTokenizer() ? Optional.of(source.tokenizer()) : Optional.empty(),
                    Thread.ofPlatform().daemon().name("hearth-tokenizer")::start); // the longest part of a start
            opened.add(() -> tokenizer.exceptionally(e -> Optional.empty()).join()); // reads what the source unmaps
            ModelConfig stored = source.config();
            Precision precision = options.precision.orElseGet(() -> precision(source));
            CacheType cacheType = options.cacheType.orElse(precision.cache());
            DevicePlan devices = devices(options, stored, source, cacheType, backend, opened);
            MemoryPlan plan = memoryPlan(options, devices, cacheType);
            ModelConfig config = devices.config().withContextLength(plan.contextLength());
            Pipeline pipeline = Pipeline.of(config, devices.devices());
            if (plan.contextLength() > stored.contextLength()) {
                LOG.warn(
                        "{}: a context of {} positions was asked for, the model was made for {}; expect nonsense beyond them",
                        source.place(),
                        plan.contextLength(),
                        stored.contextLength());
            }
            Weights weights = opened.add(new Weights(source.catalog(), config, pipeline, options.progress));
            Network network = Architectures.build(config, weights);
            EmbeddingHead embedding = opened.add(
                    EmbeddingHead.load(embedding(source, network), config, weights, pipeline.last(), options.loading));
            Runner runner = opened.add(
                    new Runner(network, pipeline, precision, cacheType, plan.contextLength(), plan.cacheBytes()));
            runner.requireSupport();
            if (options.prefixes == EngineBuilder.PrefixReuse.FORGOTTEN) {
                runner.cache().forgetPrefixes();
            }
            options.lowerCache.ifPresent(lower -> keepBelow(lower, runner.cache()));
            if (LOG.isInfoEnabled()) { // measuring scratch takes a tenth of a start: only for those who read it
                LOG.info(
                        "{}: {}, {} layers, {} precision, context {} of {}; {} MiB of weights, {} cache of {} MiB for {} positions, up to {} MiB of scratch; on {}",
                        source.place(),
                        config.architecture(),
                        config.layerCount(),
                        precision.name().toLowerCase(Locale.ROOT),
                        config.contextLength(),
                        stored.contextLength(),
                        weights.byteSize() >> 20,
                        cacheType,
                        plan.cacheBytes() >> 20,
                        stored.bothWays() ? 0 : runner.cache().positionLimit(),
                        runner.largestScratchBytes() >> 20,
                        devices.describe(opened.backends()));
            }
            LoadedModel model = new LoadedModel(
                    source,
                    config,
                    WholeTexts.joined(tokenizer),
                    source.chatTemplate(),
                    source.endTokens(),
                    source.sampling(),
                    precision,
                    cacheType,
                    opened.backends(),
                    devices.describe(opened.backends()),
                    weights,
                    network,
                    embedding,
                    runner,
                    plan.cacheBytes(),
                    identity(options, source, config, precision, cacheType));
            opened.keep();
            return model;
        }
    }

    /** All layers on the backend's first device, or those that fit into its devices there and the others on the processor. */
    private static DevicePlan devices(
            EngineBuilder options,
            ModelConfig config,
            ModelSource source,
            CacheType cacheType,
            Backend backend,
            Opened opened) {
        DevicePlanner planner =
                new DevicePlanner(config, source.catalog(), cacheType, options.contextLength, options.cacheBytes);
        Device first = backend.device();
        boolean splits = first.copiesWeights() && !config.bothWays();
        Optional<DevicePlan> narrow = Optional.empty(); // fits, and leaves little for a context
        if (options.deviceLayers.isEmpty() || !splits) {
            try {
                DevicePlan whole = planner.whole(first);
                if (planner.isRoomy(memoryPlan(options, whole, cacheType), whole.memory()) || !splits) {
                    return whole;
                }
                narrow = Optional.of(whole);
            } catch (InsufficientMemoryException e) {
                if (!splits) {
                    throw e;
                }
            }
        }
        try {
            Backend processor = opened.add(Backends.processor(options.hostOptions()));
            return planner.split(processor.device(), backend.devices(), options.deviceLayers);
        } catch (InsufficientMemoryException | BackendUnavailableException e) {
            return narrow.orElseThrow(() -> e);
        }
    }

    private static MemoryPlan memoryPlan(EngineBuilder options, DevicePlan devices, CacheType cacheType) {
        ModelConfig config = devices.config();
        return MemoryPlan.of(
                config,
                config.bothWays() ? List.of() : new LayerPlan(config).groups(),
                cacheType,
                options.contextLength,
                options.cacheBytes,
                devices.memory());
    }

    private static void keepBelow(EngineBuilder.LowerCache lower, StateCache cache) {
        long least = cache.prefixBytes() + cache.stateBytes();
        if (!cache.keepsPrefixes() || lower.bytes() < least) {
            throw new IllegalArgumentException("engine: " + lower.name() + ": "
                    + (cache.keepsPrefixes()
                            ? "expected at least the " + least + " bytes of a page, found " + lower.bytes()
                            : "nothing is kept of prompts, so nothing goes there; leave it out"));
        }
        cache.keepBelow(lower.folder()
                .map(folder -> file(folder, lower.bytes()))
                .orElseGet(() -> new HostStore(lower.bytes())));
    }

    private static LowerStore file(Path folder, long bytes) {
        try {
            return PageFile.in(folder, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("engine: disk cache: " + folder + " takes no file", e);
        }
    }

    private static ModelIdentity identity(
            EngineBuilder options, ModelSource source, ModelConfig config, Precision precision, CacheType cacheType) {
        List<Path> files = new ArrayList<>();
        files.add(source.folder().map(ModelFolder::path).orElse(options.path));
        options.adapters.forEach(adapter -> files.add(adapter.path()));
        return new ModelIdentity(
                files,
                List.of(
                        precision,
                        cacheType,
                        config.contextLength(),
                        options.weights,
                        options.adapters.stream().map(AdapterFolder::scale).toList()));
    }

    /** What the files say; of an encoder that says nothing the mean, as sentence-transformers has it. */
    private static EmbeddingConfig embedding(ModelSource source, Network network) {
        return source.embedding().orElseGet(() -> switch (network) {
            case Encoder encoder -> EmbeddingConfig.of(Pooling.MEAN, EmbeddingConfig.Scaling.NONE);
            case Decoder decoder -> EmbeddingConfig.UNKNOWN;
        });
    }

    /** The tokenizer. @throws ModelFormatException if the model came without one */
    Tokenizer requiredTokenizer() {
        return tokenizer.orElseThrow(() -> new ModelFormatException(
                source.place(), "expected a tokenizer, found none; give the model tokens instead of text"));
    }

    private static ModelSource open(EngineBuilder options) {
        ModelSource source = ModelSource.open(options.path, options.loading, List.copyOf(options.adapters));
        return options.weights.map(source::quantised).orElse(source);
    }

    /** Fast where any matrix is block-quantised. */
    private static Precision precision(ModelSource source) {
        for (TensorEntry entry : source.catalog().entries()) {
            if (entry.type().map(t -> t.isQuantised()).orElse(false)) {
                return Precision.FAST;
            }
        }
        return Precision.EXACT;
    }

    /** The memory that it holds at most. */
    ModelMemory memory() {
        long mapped = weights.mappedByteSize();
        return new ModelMemory(mapped, weights.byteSize() - mapped, cacheBytes, runner.largestScratchBytes());
    }

    /** Frees all but the runner, which belongs to the loop. */
    @Override
    public void close() {
        embedding.close();
        weights.close();
        backends.forEach(Backend::close);
        source.close();
    }

    /** What has been opened so far, closed in reverse unless loading gets to its end. */
    private static final class Opened implements AutoCloseable {
        private final java.util.ArrayDeque<AutoCloseable> open = new java.util.ArrayDeque<>();

        <T extends AutoCloseable> T add(T resource) {
            open.push(resource);
            return resource;
        }

        List<Backend> backends() {
            return open.stream()
                    .filter(Backend.class::isInstance)
                    .map(Backend.class::cast)
                    .toList();
        }

        void keep() {
            open.clear();
        }

        @Override
        public void close() {
            for (AutoCloseable resource : open) {
                try {
                    resource.close();
                } catch (Exception e) {
                    LOG.warn("while giving up on a model", e);
                }
            }
        }
    }
}
