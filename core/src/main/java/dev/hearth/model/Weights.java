package dev.hearth.model;

import dev.hearth.format.ModelFormatException;
import dev.hearth.format.TensorCatalog;
import dev.hearth.format.TensorInfo;
import dev.hearth.layer.Embedding;
import dev.hearth.layer.GateUp;
import dev.hearth.layer.Head;
import dev.hearth.layer.LayerNorm;
import dev.hearth.layer.Linear;
import dev.hearth.layer.Qkv;
import dev.hearth.layer.RmsNorm;
import dev.hearth.spi.Activation;
import dev.hearth.spi.Device;
import dev.hearth.spi.ExpertWeights;
import dev.hearth.spi.Weight;
import dev.hearth.spi.WeightSource;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleConsumer;
import java.util.function.Function;

/**
 * Reads a model's tensors onto a device by name, shape by shape. Names are GGUF's. Used by one thread while a model is built;
 * {@link #close()} frees what it loaded.
 */
public final class Weights implements AutoCloseable {
    private final TensorCatalog catalog;
    private final ModelConfig config;
    private final Device device;
    private final DoubleConsumer progress;
    private final Arena arena = Arena.ofShared(); // vectors converted to F32
    private final List<Weight> loaded = new ArrayList<>();
    private long bytes;

    /** Weights of a catalogue; {@code progress} hears the part of the layers that is built, 0 to 1. */
    public Weights(TensorCatalog catalog, ModelConfig config, Device device, DoubleConsumer progress) {
        this.catalog = catalog;
        this.config = config;
        this.device = device;
        this.progress = progress;
    }

    /** Bytes of all weights read. */
    public long byteSize() {
        return bytes;
    }

    /** Whether the model has a tensor {@code name.weight}. */
    public boolean has(String name) {
        return catalog.entry(name + ".weight").isPresent();
    }

    /** Builds one block a layer. */
    public <B> List<B> blocks(String prefix, int count, Function<Layer, B> build) {
        List<B> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            blocks.add(build.apply(new Layer(prefix + "." + i + ".", i)));
            progress.accept((i + 1.0) / count);
        }
        return List.copyOf(blocks);
    }

    /** The token embedding. */
    public Embedding embedding(String name, int rows, int width) {
        return new Embedding(matrix(name + ".weight", rows, width), config.embeddingScale());
    }

    /** The token embedding with a learned embedding of each position added, a row for each of the model's context. */
    public Embedding embeddingWithPositions(String name, String positions, int rows, int width) {
        long count = catalog.tensor(positions + ".weight").shape().rows();
        if (count < config.contextLength()) {
            throw new ModelFormatException(
                    catalog.place() + ": " + positions + ".weight",
                    "expected a row for each of " + config.contextLength() + " positions, found " + count);
        }
        return embedding(name, rows, width).withPositions(matrix(positions + ".weight", count, width));
    }

    /** A norm over {@code size} neighbours. */
    public RmsNorm rmsNorm(String name, int size) {
        return new RmsNorm(vector(name + ".weight", size, config.normOffset()), size, config.normEpsilon());
    }

    /** A layer norm over {@code size} neighbours, with its bias if there is one. */
    public LayerNorm layerNorm(String name, int size) {
        Weight weight = vector(name + ".weight", size, config.normOffset());
        return new LayerNorm(weight, bias(name, size), size, config.normEpsilon());
    }

    /** A layer norm over {@code size} neighbours that has neither weight nor bias. */
    public LayerNorm plainLayerNorm(int size) {
        return new LayerNorm(ones(size), Optional.empty(), size, config.normEpsilon());
    }

    /** A root mean square norm over {@code size} neighbours that has no weight. */
    public RmsNorm plainRmsNorm(int size) {
        return new RmsNorm(ones(size), size, config.normEpsilon());
    }

    /** A table without bias, [rows, columns]. */
    public Weight table(String name, int rows, int columns) {
        return matrix(name + ".weight", rows, columns);
    }

    private Weight ones(int size) {
        MemorySegment values = arena.allocate(4L * size, 64);
        for (int i = 0; i < size; i++) {
            values.set(Tensor.FLOAT, 4L * i, 1);
        }
        return load(new WeightSource("ones", DType.F32, Shape.of(size), values.asReadOnly()));
    }

    /** The output matrix, or the embedding's where the model has none of its own. */
    public Head headOrTied(String name, Embedding embedding) {
        Weight weight =
                has(name) ? matrix(name + ".weight", config.vocabSize(), config.hiddenSize()) : embedding.table();
        return new Head(new Linear(weight, bias(name, config.vocabSize())), config.logitScale(), config.logitSoftcap());
    }

    /** A product with its bias if there is one. */
    public Linear linear(String name, int rows, int columns) {
        return new Linear(matrix(name + ".weight", rows, columns), bias(name, rows));
    }

    private Weight matrix(String name, long rows, long columns) {
        return load(source(name, Shape.of(rows, columns)));
    }

    WeightSource source(String name, Shape expected) {
        TensorInfo tensor = catalog.tensor(name);
        if (!tensor.shape().equals(expected)) {
            throw new ModelFormatException(tensor.place(), "expected " + expected + ", found " + tensor.shape());
        }
        return source(tensor);
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
        return weight;
    }

    private Optional<Weight> bias(String name, int size) {
        return catalog.entry(name + ".bias").map(e -> vector(name + ".bias", size, 0));
    }

    private Weight vector(String name, int size, float offset) {
        return load(floats(source(name, Shape.of(size)), offset));
    }

    /** The elements as F32. */
    Weight vector(WeightSource source) {
        return load(floats(source, 0));
    }

    private WeightSource floats(String name, int size, float offset) {
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

    /** The tensors of one layer. */
    public final class Layer {
        private final String prefix;
        private final int index;

        private Layer(String prefix, int index) {
            this.prefix = prefix;
            this.index = index;
        }

        /** Which layer, from 0. */
        public int index() {
            return index;
        }

        /** Whether the layer has this tensor. */
        public boolean has(String name) {
            return Weights.this.has(prefix + name);
        }

        /** As {@link Weights#linear}. */
        public Linear linear(String name, int rows, int columns) {
            return Weights.this.linear(prefix + name, rows, columns);
        }

        /** A norm over {@code size} neighbours without weights. */
        public RmsNorm unitNorm(int size) {
            return new RmsNorm(load(FloatVectors.ones(prefix + "ones", size, arena)), size, config.normEpsilon());
        }

        /** As {@link Weights#rmsNorm}. */
        public RmsNorm rmsNorm(String name, int size) {
            return Weights.this.rmsNorm(prefix + name, size);
        }

        /** A number that the layer has as a tensor of one element, {@code otherwise} if there is none. */
        public float number(String name, float otherwise) {
            return has(name) ? floats(prefix + name + ".weight", 1, 0).data().get(Tensor.FLOAT, 0) : otherwise;
        }

        /** As {@link Weights#plainRmsNorm}. */
        public RmsNorm plainRmsNorm(int size) {
            return Weights.this.plainRmsNorm(size);
        }

        /** As {@link Weights#layerNorm}. */
        public LayerNorm layerNorm(String name, int size) {
            return Weights.this.layerNorm(prefix + name, size);
        }

        /** Query, key and value products from three tensors, or from the one, attn_qkv, that some GGUF files have instead. */
        public Qkv qkv(String query, String key, String value) {
            if (!has(query) && has("attn_qkv")) {
                return fusedQkv("attn_qkv");
            }
            return new Qkv(
                    linear(query, config.queryWidth(), config.hiddenSize()),
                    linear(key, config.keyWidth(), config.hiddenSize()),
                    linear(value, config.keyWidth(), config.hiddenSize()));
        }

        /** Query, key and value products that a file stores as the rows of one tensor, in this order. */
        public Qkv fusedQkv(String name) {
            int q = config.queryWidth();
            int k = config.keyWidth();
            List<Linear> parts = split(name, List.of(q, k, k));
            return new Qkv(parts.get(0), parts.get(1), parts.get(2));
        }

        /** Gate and up products from two tensors. */
        public GateUp gateUp(String gate, String up) {
            return new GateUp(
                    linear(gate, config.mlpSize(), config.hiddenSize()),
                    linear(up, config.mlpSize(), config.hiddenSize()));
        }

        /** Gate and up products that a file stores as the rows of one tensor, in this order. */
        public GateUp fusedGateUp(String name) {
            List<Linear> parts = split(name, List.of(config.mlpSize(), config.mlpSize()));
            return new GateUp(parts.get(0), parts.get(1));
        }

        private List<Linear> split(String name, List<Integer> rows) {
            int total = rows.stream().mapToInt(Integer::intValue).sum();
            return split(fused(name, source(name + ".weight", Shape.of(total, config.hiddenSize()))), rows);
        }

        FusedWeight fused(String name, WeightSource weight) {
            return new FusedWeight(
                    weight,
                    catalog.entry(prefix + name + ".bias")
                            .map(e -> floats(
                                            prefix + name + ".bias",
                                            Math.toIntExact(weight.shape().rows()),
                                            0)
                                    .data()));
        }

        /** A tensor of products with their bias. */
        FusedWeight fused(String name, long rows, long columns) {
            return fused(name, source(name + ".weight", Shape.of(rows, columns)));
        }

        /** A product of its own out of some rows. */
        Linear linear(FusedWeight rows) {
            return split(rows, List.of((int) rows.weight().shape().rows())).getFirst();
        }

        /** A tensor of this shape by its full name within the layer. */
        WeightSource source(String name, Shape expected) {
            return Weights.this.source(prefix + name, expected);
        }

        /** Columns as rows, copied. */
        WeightSource transposed(WeightSource source) {
            return FusedWeight.transposed(source, arena);
        }

        /** A norm with an epsilon of its own. */
        public RmsNorm rmsNorm(String name, int size, double epsilon) {
            return new RmsNorm(vector(name + ".weight", size), size, (float) epsilon);
        }

        private List<Linear> split(FusedWeight whole, List<Integer> rows) {
            List<Linear> parts = new ArrayList<>();
            long first = 0;
            for (int count : rows) {
                FusedWeight part = whole.rows(first, count);
                String name = part.weight().name();
                Optional<Weight> bias =
                        part.bias().map(b -> load(new WeightSource(name, DType.F32, Shape.of(count), b)));
                parts.add(new Linear(load(part.weight()), bias));
                first += count;
            }
            return parts;
        }

        /** Gate and up products of {@code size} rows from two tensors. */
        public GateUp gateUp(String gate, String up, int size) {
            return new GateUp(linear(gate, size, config.hiddenSize()), linear(up, size, config.hiddenSize()));
        }

        /**
         * Query, key and value products that a file stores as the rows of one tensor, key head by key head: the queries that
         * it serves, its key, its value.
         */
        public Qkv groupedQkv(String name) {
            int dim = config.headDim();
            int groups = config.kvHeadCount();
            int q = config.queryWidth();
            int k = config.keyWidth();
            FusedWeight whole = fused(name, source(name + ".weight", Shape.of(q + 2L * k, config.hiddenSize())));
            List<Linear> parts = split(whole.byPart(groups, List.of(q / groups, dim, dim), arena), List.of(q, k, k));
            return new Qkv(parts.get(0), parts.get(1), parts.get(2));
        }

        /** As {@link #fusedQkv}, stored with its columns as rows. */
        public Qkv transposedQkv(String name) {
            int q = config.queryWidth();
            int k = config.keyWidth();
            List<Linear> parts = split(fused(name, transposed(name, q + 2 * k, config.hiddenSize())), List.of(q, k, k));
            return new Qkv(parts.get(0), parts.get(1), parts.get(2));
        }

        /** As {@link #linear}, stored with its columns as rows. */
        public Linear transposedLinear(String name, int rows, int columns) {
            return split(fused(name, transposed(name, rows, columns)), List.of(rows))
                    .getFirst();
        }

        private WeightSource transposed(String name, int rows, int columns) {
            return FusedWeight.transposed(source(name + ".weight", Shape.of(columns, rows)), arena);
        }

        /** A vector as F32, by its full name within the layer. */
        public Weight vector(String name, int size) {
            return Weights.this.vector(prefix + name, size, 0);
        }

        /** Whether the layer has a tensor of this full name within it. */
        public boolean hasTensor(String name) {
            return catalog.entry(prefix + name).isPresent();
        }

        /** A product of one row, which a file may keep as a vector. */
        public Linear row(String name, int columns) {
            TensorInfo tensor = catalog.tensor(prefix + name + ".weight");
            WeightSource source = source(
                    prefix + name + ".weight", tensor.shape().rank() == 1 ? Shape.of(columns) : Shape.of(1, columns));
            Shape shape = Shape.of(1, columns);
            return new Linear(
                    load(new WeightSource(source.name(), source.type(), shape, source.data())), bias(prefix + name, 1));
        }

        /** The experts of this layer. */
        public Experts experts() {
            return new Experts(Weights.this, prefix, config);
        }

        /** The experts of a layer, stacked in one tensor each or one tensor an expert. */
        public ExpertWeights experts(String gate, String up, String down, Activation activation) {
            return experts().stacked(gate, up, down, activation);
        }
    }

    TensorCatalog catalog() {
        return catalog;
    }

    /** Memory that lasts as long as the weights. */
    MemorySegment allocate(long bytes) {
        return arena.allocate(Math.max(1, bytes), 64);
    }
}
