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
import dev.hearth.model.Weights;
import dev.hearth.sample.SamplingParams;
import dev.hearth.schedule.Runner;
import dev.hearth.spi.Backend;
import dev.hearth.spi.BackendOptions;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.Device;
import dev.hearth.spi.MemoryInfo;
import dev.hearth.spi.Precision;
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
        Backend backend,
        Weights weights,
        Network network,
        EmbeddingHead embedding,
        Runner runner,
        long cacheBytes,
        ModelIdentity identity)
        implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    static LoadedModel load(EngineBuilder options) {
        return Backends.use(
                options.backend,
                new BackendOptions(options.threads, options.placement),
                backend -> load(options, backend));
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
            Device device = backend.devices().getFirst();
            MemoryPlan plan = MemoryPlan.of(
                    stored,
                    stored.bothWays() ? List.of() : new LayerPlan(stored).groups(),
                    cacheType,
                    options.contextLength,
                    options.cacheBytes,
                    besideWeights(source, device));
            ModelConfig config = stored.withContextLength(plan.contextLength());
            if (plan.contextLength() > stored.contextLength()) {
                LOG.warn(
                        "{}: a context of {} positions was asked for, the model was made for {}; expect nonsense beyond them",
                        source.place(),
                        plan.contextLength(),
                        stored.contextLength());
            }
            Weights weights = opened.add(new Weights(source.catalog(), config, device, options.progress));
            Network network = Architectures.build(config, weights);
            EmbeddingHead embedding = opened.add(
                    EmbeddingHead.load(embedding(source, network), config, weights, device, options.loading));
            Runner runner = opened.add(
                    new Runner(network, device, precision, cacheType, plan.contextLength(), plan.cacheBytes()));
            runner.requireSupport();
            if (options.prefixes == EngineBuilder.PrefixReuse.FORGOTTEN) {
                runner.cache().forgetPrefixes();
            }
            options.diskCache.ifPresent(disk -> keepOnDisk(disk, runner.cache()));
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
                        backend.description());
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
                    backend,
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

    private static void keepOnDisk(EngineBuilder.DiskCache disk, StateCache cache) {
        long least = cache.prefixBytes() + cache.stateBytes();
        if (!cache.keepsPrefixes() || disk.bytes() < least) {
            throw new IllegalArgumentException("engine: disk cache: "
                    + (cache.keepsPrefixes()
                            ? "expected at least the " + least + " bytes of a page, found " + disk.bytes()
                            : "nothing is kept of prompts, so nothing goes there; leave it out"));
        }
        try {
            cache.keepBelow(PageFile.in(disk.folder(), disk.bytes()));
        } catch (IOException e) {
            throw new UncheckedIOException("engine: disk cache: " + disk.folder() + " takes no file", e);
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

    /** What is free once weights are on the device, or those that no file has as it needs them have been made in memory. */
    private static MemoryInfo besideWeights(ModelSource source, Device device) {
        MemoryInfo memory = device.memory();
        if (device.copiesWeights()) {
            long copied = 0;
            for (TensorEntry entry : source.catalog().entries()) {
                copied += entry.bytes();
            }
            if (copied > memory.freeBytes()) {
                throw new InsufficientMemoryException(source.place() + ": " + (copied >> 20) + " MiB of weights go to "
                        + device.name() + ", of which " + (memory.freeBytes() >> 20)
                        + " MiB are free; encode them smaller, or leave the choice of a device to the engine");
            }
            return new MemoryInfo(memory.totalBytes(), memory.freeBytes() - copied);
        }
        long made = source.catalog().madeBytes();
        if (made > memory.freeBytes()) {
            throw new InsufficientMemoryException(source.place() + ": " + (made >> 20)
                    + " MiB of weights have to be made in memory, but " + (memory.freeBytes() >> 20)
                    + " MiB are free; use a model whose weights are not packed, or free memory");
        }
        return new MemoryInfo(memory.totalBytes(), memory.freeBytes() - made);
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
        backend.close();
        source.close();
    }

    /** What has been opened so far, closed in reverse unless loading gets to its end. */
    private static final class Opened implements AutoCloseable {
        private final java.util.ArrayDeque<AutoCloseable> open = new java.util.ArrayDeque<>();

        <T extends AutoCloseable> T add(T resource) {
            open.push(resource);
            return resource;
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
