package dev.hearth.model;

import dev.hearth.adapter.AdaptedTensors;
import dev.hearth.adapter.AdapterFolder;
import dev.hearth.chat.ChatTemplate;
import dev.hearth.embedding.EmbeddingConfig;
import dev.hearth.embedding.SentenceModules;
import dev.hearth.format.Fields;
import dev.hearth.format.Gguf;
import dev.hearth.format.HuggingFaceCache;
import dev.hearth.format.Json;
import dev.hearth.format.Loading;
import dev.hearth.format.ModelFolder;
import dev.hearth.format.ModelFormatException;
import dev.hearth.format.SafetensorsNames;
import dev.hearth.format.TensorCatalog;
import dev.hearth.format.packed.PackedFolder;
import dev.hearth.quantize.BlockType;
import dev.hearth.quantize.QuantizedTensors;
import dev.hearth.sample.SamplingParams;
import dev.hearth.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * A model as it lies on disk, a Hugging Face folder or a GGUF file behind the same questions. Parts are read when asked for, so
 * that a tokenizer alone can be used of a model whose family isn't known. For one thread, beside which another may read the
 * tokenizer while the first leaves it, the template and the end tokens alone; closing it unmaps the weights.
 */
public final class ModelSource implements AutoCloseable {
    /** What files without a tokenizer have as {@code tokenizer.ggml.model}. */
    private static final Set<String> NO_TOKENIZER = Set.of("none", "no_vocab");

    private final String place;
    private final Once<ModelConfig> config;
    private final Once<Tokenizer> tokenizer;
    private final Once<Optional<String>> template;
    private final Once<TensorCatalog> catalog;
    private final Once<Optional<Fields>> generation;
    private final Once<Optional<EmbeddingConfig>> embedding;
    private final Once<LabelConfig> labels;
    private final Optional<Gguf> gguf;
    private final Optional<ModelFolder> folder;
    private final boolean hasTokenizer;

    private ModelSource(
            String place,
            Supplier<ModelConfig> config,
            Supplier<Tokenizer> tokenizer,
            Supplier<Optional<String>> template,
            Supplier<TensorCatalog> catalog,
            Supplier<Optional<Fields>> generation,
            Supplier<Optional<EmbeddingConfig>> embedding,
            Supplier<LabelConfig> labels,
            Optional<Gguf> gguf,
            Optional<ModelFolder> folder,
            boolean hasTokenizer) {
        this.place = place;
        this.config = new Once<>(config);
        this.tokenizer = new Once<>(tokenizer);
        this.template = new Once<>(template);
        this.catalog = new Once<>(catalog);
        this.generation = new Once<>(generation);
        this.embedding = new Once<>(embedding);
        this.labels = new Once<>(labels);
        this.gguf = gguf;
        this.folder = folder;
        this.hasTokenizer = hasTokenizer;
    }

    /**
     * A model by path, or by name ({@code org/name}) in a Hugging Face cache.
     *
     * @throws ModelFormatException if there is none, or its file is broken
     */
    public static ModelSource open(Path path, Loading loading) {
        return open(path, loading, List.of());
    }

    /** As {@link #open(Path, Loading)}, with adapters merged into the weights. */
    public static ModelSource open(Path path, Loading loading, List<AdapterFolder> adapters) {
        if (Files.isDirectory(path)) {
            return folder(ModelFolder.open(path), loading, adapters);
        }
        if (Files.isRegularFile(path)) {
            if (!adapters.isEmpty()) {
                throw new ModelFormatException(
                        String.valueOf(path.getFileName()),
                        "expected a folder of safetensors to merge adapters into, found a file; use the model in that form");
            }
            return file(path, loading);
        }
        String name = path.toString().replace('\\', '/');
        if (!path.isAbsolute() && path.getNameCount() == 2 && !name.endsWith(".gguf") && !name.startsWith(".")) {
            return folder(ModelFolder.open(HuggingFaceCache.system().resolve(name)), loading, adapters);
        }
        throw new ModelFormatException(
                name, "expected a model folder, a .gguf file, or org/name in the Hugging Face cache, found nothing");
    }

    /** The same, to be used and closed in its place, with plain matrices encoded in a type of blocks as they are read. */
    public ModelSource quantised(BlockType type) {
        return new ModelSource(
                place,
                config::get,
                tokenizer::get,
                template::get,
                () -> QuantizedTensors.of(catalog.get(), type),
                generation::get,
                embedding::get,
                labels::get,
                gguf,
                folder,
                hasTokenizer);
    }

    private static ModelSource folder(ModelFolder folder, Loading loading, List<AdapterFolder> adapters) {
        Once<Fields> config = new Once<>(folder::config);
        return new ModelSource(
                folder.place(),
                () -> HuggingFaceConfig.read(config.get()),
                () -> Tokenizer.load(folder.tokenizer()
                        .orElseThrow(() -> new ModelFormatException(
                                folder.place(), "expected a tokenizer.json or another tokenizer, found none"))),
                folder::chatTemplate,
                () -> catalog(folder, names(config.get()), loading, adapters),
                folder::generationConfig,
                () -> SentenceModules.read(folder),
                () -> LabelConfig.read(config.get()),
                Optional.empty(),
                Optional.of(folder),
                folder.tokenizer().isPresent());
    }

    private static TensorCatalog catalog(
            ModelFolder folder, SafetensorsNames names, Loading loading, List<AdapterFolder> adapters) {
        TensorCatalog files = PackedFolder.open(folder, loading);
        TensorCatalog adapted = adapters.isEmpty() ? files : AdaptedTensors.merge(files, names, adapters, loading);
        try {
            return names.rename(adapted);
        } catch (RuntimeException | Error e) {
            adapted.close();
            throw e;
        }
    }

    private static SafetensorsNames names(Fields config) {
        String modelType = HuggingFaceConfig.modelType(config).orElse("");
        return SafetensorsNames.with(Architectures.ofModelType(config.place(), modelType)
                .architecture()
                .tensorNames());
    }

    private static ModelSource file(Path path, Loading loading) {
        Gguf gguf = Gguf.open(path, loading);
        return new ModelSource(
                gguf.place(),
                () -> GgufConfig.read(gguf),
                () -> Tokenizer.fromGguf(GgufVocabularyReader.read(gguf.metadata())),
                () -> gguf.metadata().string("tokenizer.chat_template"),
                () -> gguf,
                Optional::empty,
                () -> GgufEmbedding.read(gguf),
                () -> GgufEmbedding.labels(gguf),
                Optional.of(gguf),
                Optional.empty(),
                gguf.metadata()
                        .string("tokenizer.ggml.model")
                        .filter(m -> !NO_TOKENIZER.contains(m))
                        .isPresent());
    }

    /** A value that is made when it is first asked for. */
    private static final class Once<T> {
        private final Supplier<T> supplier;
        private Optional<T> value = Optional.empty();

        Once(Supplier<T> supplier) {
            this.supplier = supplier;
        }

        T get() {
            if (value.isEmpty()) {
                value = Optional.of(supplier.get());
            }
            return value.get();
        }

        Optional<T> ifMade() {
            return value;
        }
    }

    /** File or folder name, for messages. */
    public String place() {
        return place;
    }

    /** The Hugging Face folder, empty if it is a file. */
    public Optional<ModelFolder> folder() {
        return folder;
    }

    /** Reads the configuration. @throws ModelFormatException if the family isn't known or numbers mean nothing */
    public ModelConfig config() {
        return config.get();
    }

    /** Whether the model brings a tokenizer; one without still continues and scores tokens. */
    public boolean hasTokenizer() {
        return hasTokenizer;
    }

    /** Reads the tokenizer; the template's control tokens are taken into account. */
    public Tokenizer tokenizer() {
        Tokenizer plain = tokenizer.get();
        return template.get().map(plain::withControlTokensIn).orElse(plain);
    }

    /** Reads the chat template, empty if the model has none. */
    public Optional<ChatTemplate> chatTemplate() {
        return template.get().map(source -> ChatTemplate.parse(place + ": chat template", source));
    }

    /** How the model's makers embed texts, empty if they don't say. @throws ModelFormatException if what they say is broken */
    public Optional<EmbeddingConfig> embedding() {
        return embedding.get();
    }

    /** The labels of a model that labels texts. @throws ModelFormatException if they aren't numbered from 0 */
    public LabelConfig labels() {
        return labels.get();
    }

    /** The tensors under GGUF's names. */
    public TensorCatalog catalog() {
        return catalog.get();
    }

    /** Every token that ends a turn: of generation_config.json, of the tokenizer, and those that chat formats end turns with. */
    public Set<Integer> endTokens() {
        Set<Integer> ids = new TreeSet<>();
        generation.get().ifPresent(g -> {
            for (int id : g.integers("eos_token_id")) {
                ids.add(id);
            }
        });
        gguf.ifPresent(g -> {
            for (String key : new String[] {"eos_token_id", "eot_token_id", "eom_token_id"}) {
                g.metadata().integer("tokenizer.ggml." + key).ifPresent(ids::add);
            }
        });
        if (hasTokenizer()) {
            tokenizer.get().eosId().ifPresent(ids::add);
        }
        return Set.copyOf(ids);
    }

    /** The sampling that the model's makers chose, greedy if they say none. */
    public SamplingParams sampling() {
        Optional<Fields> fields = generation.get();
        if (fields.isPresent()) {
            return SamplingDefaults.of(fields.get(), endTokens());
        }
        return gguf.map(g -> SamplingDefaults.of(place, g.metadata())).orElseGet(SamplingParams::greedy);
    }

    /** Text of a special token for templates, null where the model has none. */
    public Json specialToken(OptionalInt id) {
        return id.isPresent()
                ? new Json.Str(tokenizer.get().tokenOf(id.getAsInt()).orElse(""))
                : Json.Null.NULL;
    }

    @Override
    public void close() {
        gguf.ifPresent(Gguf::close);
        catalog.ifMade().ifPresent(TensorCatalog::close); // closing a file twice is harmless
    }
}
