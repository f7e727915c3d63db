package dev.hearth.model;

import dev.hearth.format.ModelFormatException;
import dev.hearth.format.TensorCatalog;
import dev.hearth.format.TensorInfo;
import dev.hearth.layer.Convolution;
import dev.hearth.layer.GateUp;
import dev.hearth.layer.HeadLayerNorm;
import dev.hearth.layer.LayerNorm;
import dev.hearth.layer.Linear;
import dev.hearth.layer.Qkv;
import dev.hearth.layer.RmsNorm;
import dev.hearth.spi.Activation;
import dev.hearth.spi.ConvolutionSpec;
import dev.hearth.spi.ExpertWeights;
import dev.hearth.spi.Weight;
import dev.hearth.spi.WeightSource;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The tensors of one layer, by their names within it. Used by one thread while a model is built. */
public final class LayerWeights {
    private final Weights all;
    private final ModelConfig config;
    private final TensorCatalog catalog;
    private final Arena arena;
    private final String prefix;
    private final int index;

    LayerWeights(Weights all, String prefix, int index) {
        this.all = all;
        this.config = all.config();
        this.catalog = all.catalog();
        this.arena = all.arena();
        this.prefix = prefix;
        this.index = index;
    }

    /** Which layer, from 0. */
    public int index() {
        return index;
    }

    /** Whether the layer has this tensor. */
    public boolean has(String name) {
        return all.has(prefix + name);
    }

    /** As {@link Weights#linear}. */
    public Linear linear(String name, int rows, int columns) {
        return all.linear(prefix + name, rows, columns);
    }

    /** As {@link Weights#rmsNorm}. */
    public RmsNorm rmsNorm(String name, int size) {
        return all.rmsNorm(prefix + name, size);
    }

    /** A number that the layer has as a tensor of one element, {@code otherwise} if there is none. */
    public float number(String name, float otherwise) {
        if (!has(name)) {
            return otherwise;
        }
        String full = prefix + name + ".weight";
        Shape shape = catalog.entry(full).orElseThrow().shape();
        Shape one = shape.rank() == 0 ? shape : Shape.of(1);
        return FloatVectors.of(all.source(full, one), 0, arena).data().get(Tensor.FLOAT, 0);
    }

    /** As {@link Weights#rmsNorm}, its result times a factor. */
    public RmsNorm rmsNormTimes(float factor, String name, int size) {
        Weight weight = all.vector(source(name + ".weight", Shape.of(size)), x -> x * factor);
        return new RmsNorm(weight, size, config.normEpsilon());
    }

    /** As {@link Weights#plainRmsNorm}. */
    public RmsNorm plainRmsNorm(int size) {
        return all.plainRmsNorm(size, config.normEpsilon());
    }

    /** As {@link Weights#plainRmsNorm}. */
    public RmsNorm plainRmsNorm(int size, float epsilon) {
        return all.plainRmsNorm(size, epsilon);
    }

    /** As {@link Weights#layerNorm}. */
    public LayerNorm layerNorm(String name, int size) {
        return all.layerNorm(prefix + name, size);
    }

    /** As {@link Weights#layerNorm(String, int, float)}. */
    public LayerNorm layerNorm(String name, int size, float epsilon) {
        return all.layerNorm(prefix + name, size, epsilon);
    }

    /** A layer norm of each head with weights of its own, in a tensor [heads, head dim] or one [head dim] a head. */
    public HeadLayerNorm headLayerNorm(String name, int heads, int dim) {
        float[] weights = new float[heads * dim];
        List<TensorInfo> parts = catalog.parts(prefix + name + ".weight", arena);
        Shape expected = parts.getFirst().shape().rank() == 1 ? Shape.of(dim) : Shape.of(heads, dim);
        int at = 0;
        for (TensorInfo part : parts) {
            if (!part.shape().equals(expected) || at == weights.length) {
                throw new ModelFormatException(part.place(), "expected " + expected + ", found " + part.shape());
            }
            float[] values =
                    FloatVectors.of(Weights.source(part), 0, arena).data().toArray(Tensor.FLOAT);
            System.arraycopy(values, 0, weights, at, values.length);
            at += values.length;
        }
        if (at != weights.length) {
            throw new ModelFormatException(
                    prefix + name, "expected norms of " + heads + " heads, found " + parts.size());
        }
        return new HeadLayerNorm(all.plainLayerNorm(dim), all.numbers(prefix + name, weights));
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
                linear(gate, config.mlpSize(), config.hiddenSize()), linear(up, config.mlpSize(), config.hiddenSize()));
    }

    /** Gate and up products that a file stores as the rows of one tensor, in this order. */
    public GateUp fusedGateUp(String name) {
        return fusedGateUp(name, config.mlpSize());
    }

    /** As {@link #fusedGateUp(String)}, of {@code size} rows each. */
    public GateUp fusedGateUp(String name, int size) {
        List<Linear> parts = split(name, List.of(size, size));
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
                        .map(e -> all.floats(
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
        return all.source(prefix + name, expected);
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
                    part.bias().map(b -> all.load(new WeightSource(name, DType.F32, Shape.of(count), b)));
            parts.add(new Linear(all.load(part.weight()), bias));
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
        List<Linear> parts = grouped(name, groups, List.of(config.queryWidth() / groups, dim, dim), List.of(1, 1, 1));
        return new Qkv(parts.get(0), parts.get(1), parts.get(2));
    }

    /**
     * Products that a file stores as the rows of one tensor, group by group.
     *
     * @param rows of each part of a group
     * @param counts how many neighbouring parts, of all groups, each product has
     */
    public List<Linear> grouped(String name, int groups, List<Integer> rows, List<Integer> counts) {
        long total = 0;
        for (int count : rows) {
            total += (long) groups * count;
        }
        List<Integer> products = new ArrayList<>();
        int next = 0;
        for (int count : counts) {
            int sum = 0;
            for (int i = 0; i < count; i++) {
                sum += groups * rows.get(next++);
            }
            products.add(sum);
        }
        try (Arena passing = Arena.ofShared()) {
            FusedWeight whole =
                    fused(name, all.source(prefix + name + ".weight", Shape.of(total, config.hiddenSize()), passing));
            return split(whole.byPart(groups, rows, arena), products);
        }
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
        try (Arena passing = Arena.ofShared()) {
            WeightSource stored = all.source(prefix + name + ".weight", Shape.of(columns, rows), passing);
            return FusedWeight.transposed(stored, arena);
        }
    }

    /** A vector as F32, by its full name within the layer. */
    public Weight vector(String name, int size) {
        return all.vector(prefix + name, size, 0);
    }

    /** A matrix's elements, row by row. @throws dev.hearth.format.ModelFormatException if they are quantised */
    float[] matrix(String name, int rows, int columns) {
        WeightSource matrix = source(name + ".weight", Shape.of(rows, columns));
        return FloatVectors.of(matrix, 0, arena).data().toArray(Tensor.FLOAT);
    }

    /** A product made of numbers, F32 [rows, columns] and [rows]. */
    Linear linear(String name, Shape shape, float[] weights, float[] bias) {
        return new Linear(
                all.load(FloatVectors.of(prefix + name, shape, weights, arena)),
                Optional.of(all.load(FloatVectors.of(prefix + name, Shape.of(bias.length), bias, arena))));
    }

    /** A vector as F32 [size, 1], by its full name within the layer. */
    public Weight column(String name, int size) {
        WeightSource vector = all.floats(prefix + name, size, 0);
        return all.load(new WeightSource(vector.name(), vector.type(), Shape.of(size, 1), vector.data()));
    }

    /** As {@link Weights#numbers}. */
    public Weight numbers(String name, float[] values) {
        return all.numbers(prefix + name, values);
    }

    /** Numbers as F32, whatever axes of size 1 the file adds or leaves out, by their full name within the layer. */
    Weight numbers(String name, long... sizes) {
        return all.vector(reshaped(name, sizes));
    }

    /** As {@link #numbers}, {@code -exp(x)} of each. */
    public Weight negatedExponentials(String name, long... sizes) {
        return all.vector(reshaped(name, sizes), x -> (float) -Math.exp(x));
    }

    /** Norms over {@code size} neighbours each, whose weights a file keeps in one tensor. */
    List<RmsNorm> rmsNorms(String name, int count, int size) {
        boolean flat = all.shape(prefix + name + ".weight").rank() == 1;
        WeightSource stored =
                flat ? reshaped(name + ".weight", (long) count * size) : reshaped(name + ".weight", count, size);
        WeightSource rows = new WeightSource(stored.name(), stored.type(), Shape.of(count, size), stored.data());
        List<RmsNorm> norms = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            norms.add(new RmsNorm(all.vector(rows.rows(i, 1)), size, config.normEpsilon()));
        }
        return norms;
    }

    private WeightSource reshaped(String name, long... sizes) {
        Shape stored = all.shape(prefix + name);
        boolean same = Arrays.equals(squeezed(stored.sizes()), squeezed(sizes));
        WeightSource source = source(name, same ? stored : Shape.of(sizes));
        return new WeightSource(source.name(), source.type(), Shape.of(sizes), source.data());
    }

    private static long[] squeezed(long[] sizes) {
        return Arrays.stream(sizes).filter(s -> s != 1).toArray();
    }

    /** Whether the layer has a tensor of this full name within it. */
    public boolean hasTensor(String name) {
        return catalog.entry(prefix + name).isPresent();
    }

    /** A product of one row, which a file may keep as a vector. */
    public Linear row(String name, int columns) {
        boolean vector = all.shape(prefix + name + ".weight").rank() == 1;
        WeightSource source = source(name + ".weight", vector ? Shape.of(columns) : Shape.of(1, columns));
        Shape shape = Shape.of(1, columns);
        return new Linear(
                all.load(new WeightSource(source.name(), source.type(), shape, source.data())),
                all.bias(prefix + name, 1));
    }

    /** A convolution with its bias if there is one; the filter may have an axis of size 1 between channels and kernel. */
    public Convolution convolution(LayerPlan.Recurrent plan, String name, int channels, ConvolutionSpec spec) {
        int kernel = spec.kernelSize();
        WeightSource source = source(
                name + ".weight",
                all.shape(prefix + name + ".weight").rank() == 3
                        ? Shape.of(channels, 1, kernel)
                        : Shape.of(channels, kernel));
        return new Convolution(plan, all.vector(source), all.bias(prefix + name, channels), spec);
    }

    /**
     * A convolution that takes of each channel the share {@code name}, [1, 1, channels], of a token and the rest of the one
     * before it.
     */
    public Convolution shift(LayerPlan.Recurrent plan, String name, int channels, int stateOffset) {
        WeightSource shares = source(name, Shape.of(1, 1, channels));
        return new Convolution(
                plan,
                all.load(FloatVectors.withComplements(shares, arena)),
                Optional.empty(),
                new ConvolutionSpec(2, false, stateOffset));
    }

    /** The experts of this layer. */
    public Experts experts() {
        return experts(config.hiddenSize());
    }

    /** The experts of this layer, which take and give vectors of this width. */
    public Experts experts(int width) {
        return new Experts(all, prefix, config, width);
    }

    /** The experts of a layer, stacked in one tensor each or one tensor an expert. */
    public ExpertWeights experts(String gate, String up, String down, Activation activation) {
        return experts().stacked(gate, up, down, activation);
    }
}
