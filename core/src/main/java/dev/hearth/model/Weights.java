package dev.hearth.model;

import dev.hearth.format.ModelFormatException;
import dev.hearth.format.TensorCatalog;
import dev.hearth.format.TensorEntry;
import dev.hearth.format.TensorInfo;
import dev.hearth.layer.Dense;
import dev.hearth.layer.Embedding;
import dev.hearth.layer.Head;
import dev.hearth.layer.LayerNorm;
import dev.hearth.layer.Linear;
import dev.hearth.layer.MaskedHead;
import dev.hearth.layer.RmsNorm;
import dev.hearth.spi.Activation;
import dev.hearth.spi.Device;
import dev.hearth.spi.Weight;
import dev.hearth.spi.WeightSource;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleConsumer;
import java.util.function.Function;

/**
 * Reads a model's tensors onto a device by name, shape by shape. Names are GGUF's. Used by one thread while a model is built;
 * {@link #close()} frees what it loaded.
 */
public final class Weights implements AutoCloseable {
    private static final String WEIGHT = ".weight";
    private static final Shape ONE = Shape.of(1);

    private final TensorCatalog catalog;
    private final ModelConfig config;
    private final Pipeline pipeline;
    private final DoubleConsumer progress;
    private final Arena arena = Arena.ofShared(); // what no file has as it is
    private final List<Weight> loaded = new ArrayList<>();
    private final Map<Weight, WeightSource> sources = new IdentityHashMap<>(); // of embeddings
    private Device device; // of what is being built: it is built in the order of the data flow
    private long bytes;
    private long mappedBytes;

    /** Weights of a catalogue on one device; {@code progress} hears the part of the layers that is built, 0 to 1. */
    public Weights(TensorCatalog catalog, ModelConfig config, Device device, DoubleConsumer progress) {
        this(catalog, config, Pipeline.on(device), progress);
    }

    /** Weights of a catalogue, each on the device of its layer. */
    public Weights(TensorCatalog catalog, ModelConfig config, Pipeline pipeline, DoubleConsumer progress) {
        this.catalog = catalog;
        this.config = config;
        this.pipeline = pipeline;
        this.device = pipeline.first();
        this.progress = progress;
    }

    /** Bytes of all weights read. */
    public long byteSize() {
        return bytes;
    }

    /** Bytes of those that stay where the file is mapped. */
    public long mappedByteSize() {
        return mappedBytes;
    }

    /** Whether the model has a tensor {@code name.weight}. */
    public boolean has(String name) {
        return catalog.entry(name + ".weight").isPresent();
    }

    /** Builds one block a layer, on the layer's device; what is loaded afterwards goes to the last. */
    public <B> List<B> blocks(String prefix, int count, Function<LayerWeights, B> build) {
        List<B> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            device = pipeline.devices().get(pipeline.stageOf(i));
            blocks.add(build.apply(new LayerWeights(this, prefix + "." + i + ".", i)));
            progress.accept((i + 1.0) / count);
        }
        device = pipeline.last();
        return List.copyOf(blocks);
    }

    /** The token embedding. */
    public Embedding embedding(String name, int rows, int width) {
        WeightSource source = source(name + ".weight", Shape.of(rows, width));
        Weight table = load(source);
        sources.put(table, source);
        return new Embedding(table, config.embeddingScale());
    }

    /** The token embedding with a learned embedding of each position added, a row for each of the model's context. */
    public Embedding embeddingWithPositions(String name, String positions, int rows, int width) {
        long count = shape(positions + ".weight").rows();
        if (count < config.contextLength()) {
            throw new ModelFormatException(
                    catalog.place() + ": " + positions + ".weight",
                    "expected a row for each of " + config.contextLength() + " positions, found " + count);
        }
        return embedding(name, rows, width).withPositions(matrix(positions + ".weight", count, width));
    }

    /** A table of as many rows as the tensor has, [rows, columns]. */
    public Weight tableOfAll(String name, int columns) {
        return matrix(name + ".weight", catalog.tensor(name + ".weight").shape().rows(), columns);
    }

    /** Learned embeddings of positions, of which row {@code first} is the first position's; a row for each of the model's context. */
    public Weight positions(String name, int first, int columns) {
        long rows = catalog.tensor(name + ".weight").shape().rows();
        if (rows < (long) first + config.contextLength()) {
            throw new ModelFormatException(
                    catalog.place() + ": " + name + ".weight",
                    "expected a row for each of " + config.contextLength() + " positions from row " + first
                            + " on, found " + rows);
        }
        return load(source(name + ".weight", Shape.of(rows, columns)).rows(first, rows - first));
    }

    /** The head that finds masked tokens, its last product the embedding's if the model has none of its own. */
    public Optional<MaskedHead> maskedHead(String transform, String norm, Embedding embedding, Activation activation) {
        if (!has(transform)) {
            return Optional.empty();
        }
        int width = Math.toIntExact(embedding.table().shape().width());
        Weight output =
                has("mask_output") ? matrix("mask_output.weight", config.vocabSize(), width) : embedding.table();
        Optional<Weight> bias = bias("mask", config.vocabSize()).or(() -> bias("mask_output", config.vocabSize()));
        return Optional.of(new MaskedHead(
                Dense.of(linear(transform, width, config.hiddenSize()), activation),
                layerNorm(norm, width),
                new Linear(output, bias)));
    }

    /** A norm over {@code size} neighbours. */
    public RmsNorm rmsNorm(String name, int size) {
        return new RmsNorm(vector(name + ".weight", size, config.normOffset()), size, config.normEpsilon());
    }

    /** A layer norm over {@code size} neighbours, with its bias if there is one. */
    public LayerNorm layerNorm(String name, int size) {
        return layerNorm(name, size, config.normEpsilon());
    }

    /** The same with an epsilon of its own. */
    public LayerNorm layerNorm(String name, int size, float epsilon) {
        Weight weight = vector(name + ".weight", size, config.normOffset());
        return new LayerNorm(weight, bias(name, size), size, epsilon);
    }

    /** A layer norm over {@code size} neighbours that has neither weight nor bias. */
    public LayerNorm plainLayerNorm(int size) {
        return new LayerNorm(ones(size), Optional.empty(), size, config.normEpsilon());
    }

    /** A root mean square norm over {@code size} neighbours that has no weight. */
    public RmsNorm plainRmsNorm(int size, float epsilon) {
        return new RmsNorm(ones(size), size, epsilon);
    }

    /** A table without bias, [rows, columns]. */
    public Weight table(String name, int rows, int columns) {
        return matrix(name + ".weight", rows, columns);
    }

    /** Products of one shape, in one tensor [count, rows, columns] or in tensors {@code name.0} and so on. */
    public List<Linear> linears(String name, int count, int rows, int columns) {
        List<Linear> linears = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            linears.add(
                    has(name)
                            ? new Linear(
                                    load(source(name + ".weight", Shape.of(count, rows, columns))
                                            .rows((long) i * rows, rows)),
                                    Optional.empty())
                            : linear(name + "." + i, rows, columns));
        }
        return List.copyOf(linears);
    }

    /** Numbers that no file has, F32 [their count]; errors know them by this name. */
    Weight numbers(String name, float[] values) {
        return load(FloatVectors.of(name, Shape.of(values.length), values, arena));
    }

    private Weight ones(int size) {
        return load(FloatVectors.ones("ones", size, arena));
    }

    /** The output matrix, or the embedding's where the model has none of its own. */
    public Head headOrTied(String name, Embedding embedding) {
        Weight weight =
                has(name) ? matrix(name + ".weight", config.vocabSize(), config.hiddenSize()) : table(embedding);
        return new Head(new Linear(weight, bias(name, config.vocabSize())), config.logitScale(), config.logitSoftcap());
    }

    /** An embedding's table on the device of what is being built. */
    private Weight table(Embedding embedding) {
        WeightSource source = sources.get(embedding.table());
        return source == null || pipeline.stageCount() == 1 ? embedding.table() : load(source);
    }

    /** A product with its bias if there is one. Beside ternary weights there is a scale, and their input is rounded. */
    public Linear linear(String name, int rows, int columns) {
        Optional<TensorEntry> scale = scale(name);
        if (scale.isEmpty()) {
            return new Linear(matrix(name + ".weight", rows, columns), bias(name, rows));
        }
        float factor = floats(scale.get().name(), 1, 0).data().get(Tensor.FLOAT, 0);
        if (!(factor > 0 && 1 / factor > 0)) {
            throw new ModelFormatException(
                    catalog.place() + ": " + scale.get().name(), "expected a positive number, found " + factor);
        }
        Weight weight = load(checked(catalog.tensor(name + ".weight", arena), Shape.of(rows, columns)));
        Optional<Weight> bias = catalog.entry(name + ".bias")
                .map(e -> vector(source(e.name(), Shape.of(rows)), x -> x / factor)); // it is multiplied too
        return new Linear(weight, bias).withRoundedInput().times(factor);
    }

    /** The number that a ternary weight's product is multiplied by; NVFP4 has another, of its own, under the same name. */
    private Optional<TensorEntry> scale(String name) {
        return catalog.entry(name + ".weight")
                .filter(weight -> !weight.type().equals(Optional.of(DType.NVFP4)))
                .flatMap(weight -> catalog.entry(name + ".scale"))
                .filter(scale -> scale.shape().equals(ONE));
    }

    /** A product to as many rows as the tensor has, one a label. */
    public Linear labels(String name, int columns) {
        long rows = catalog.tensor(name + ".weight").shape().rows();
        return linear(name, Math.toIntExact(rows), columns);
    }

    private Weight matrix(String name, long rows, long columns) {
        return load(source(name, Shape.of(rows, columns)));
    }

    WeightSource source(String name, Shape expected) {
        refuseTernary(name);
        return checked(catalog.tensor(name, arena), expected);
    }

    /** As the files have it, to be taken apart or rearranged; what has to be made is made in {@code memory}. */
    WeightSource source(String name, Shape expected, Arena memory) {
        refuseTernary(name);
        return checked(catalog.plain().tensor(name, memory), expected);
    }

    private void refuseTernary(String name) {
        if (name.endsWith(WEIGHT)
                && scale(name.substring(0, name.length() - WEIGHT.length())).isPresent()) {
            throw new ModelFormatException(
                    catalog.place() + ": " + name, "ternary weights are not supported in this place of the family");
        }
    }

    private static WeightSource checked(TensorInfo tensor, Shape expected) {
        if (!tensor.shape().equals(expected)) {
            throw new ModelFormatException(tensor.place(), "expected " + expected + ", found " + tensor.shape());
        }
        return source(tensor);
    }

    /** The shape of a tensor, which isn't made for it. */
    Shape shape(String name) {
        return catalog.entry(name)
                .map(TensorEntry::shape)
                .orElseGet(() -> catalog.tensor(name).shape()); // which refuses with its reason
    }

    static WeightSource source(TensorInfo tensor) {
        if (tensor.type() == DType.I32) {
            throw new ModelFormatException(tensor.place(), "expected a type that weights have, found " + tensor.type());
        }
        return new WeightSource(tensor.place(), tensor.type(), tensor.shape(), tensor.data());
    }

    Weight load(WeightSource source) {
        Weight weight = device.load(source);
        loaded.add(weight);
        bytes += source.data().byteSize();
        mappedBytes += source.data().isMapped() ? source.data().byteSize() : 0;
        return weight;
    }

    Optional<Weight> bias(String name, int size) {
        return catalog.entry(name + ".bias").map(e -> vector(name + ".bias", size, 0));
    }

    Weight vector(String name, int size, float offset) {
        return load(floats(source(name, Shape.of(size)), offset));
    }

    /** The elements as F32. */
    Weight vector(WeightSource source) {
        return load(floats(source, 0));
    }

    /** A function of the elements, as F32. */
    Weight vector(WeightSource source, FloatVectors.Function function) {
        return load(FloatVectors.of(source, function, arena));
    }

    WeightSource floats(String name, int size, float offset) {
        return floats(source(name, Shape.of(size)), offset);
    }

    private WeightSource floats(WeightSource source, float offset) {
        return FloatVectors.of(source, offset, arena);
    }

    @Override
    public void close() {
        loaded.forEach(Weight::close);
        loaded.clear();
        arena.close();
    }

    TensorCatalog catalog() {
        return catalog;
    }

    ModelConfig config() {
        return config;
    }

    Device device() {
        return device;
    }

    Arena arena() {
        return arena;
    }

    /** Memory that lasts as long as the weights. */
    MemorySegment allocate(long bytes) {
        return arena.allocate(Math.max(1, bytes), 64);
    }
}
