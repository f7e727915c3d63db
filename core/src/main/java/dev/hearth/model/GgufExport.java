package dev.hearth.model;

import dev.hearth.format.Fields;
import dev.hearth.format.GgufValues;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.LatentAttention;
import dev.hearth.model.Experts.Fusion;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * How a model of the Hugging Face layout is written as a GGUF file: what its family says in {@link Architecture#export} beside
 * what most families share. Keys are without the family's prefix; tensors are called as within a layer, without {@code .weight}.
 * Not thread-safe.
 */
public final class GgufExport {
    /** How a family's norms work, which decides what their epsilon is called. */
    public enum Norms {
        /** Root mean square. */
        RMS("attention.layer_norm_rms_epsilon"),
        /** Mean and variance. */
        LAYER("attention.layer_norm_epsilon");

        private final String key;

        Norms(String key) {
            this.key = key;
        }

        /** The key of the epsilon. */
        public String key() {
            return key;
        }
    }

    private final ModelConfig config;
    private final Fields file;
    private final List<BiConsumer<GgufValues, String>> keys = new ArrayList<>();
    private final Map<String, TensorRule> rules = new HashMap<>();
    private final Map<String, Double> factors = new HashMap<>();
    private final List<String> notes = new ArrayList<>();
    private String architecture;
    private Norms norms = Norms.RMS;
    private boolean neighbours;
    private double queryFactor = 1;

    /** For a model of this configuration, read from this config.json. */
    public GgufExport(String architecture, ModelConfig config, Fields file) {
        this.architecture = architecture;
        this.config = config;
        this.file = file;
    }

    /** What config.json says about the text model. */
    public Fields file() {
        return file;
    }

    /** {@code general.architecture}. */
    public String architecture() {
        return architecture;
    }

    /** How the norms work. */
    public Norms norms() {
        return norms;
    }

    /** What the elements of {@code tensor} are multiplied by. */
    public double factor(String tensor) {
        return factors.getOrDefault(tensor, 1.0);
    }

    /** What queries are multiplied by in the file. */
    public double queryFactor() {
        return queryFactor;
    }

    /** Adds to what whoever writes the file should know. */
    public GgufExport note(String text) {
        notes.add(text);
        return this;
    }

    /** What whoever writes the file should know. */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    /** Whether the elements of queries and keys that turn as a pair become neighbours. */
    public boolean makesNeighbours() {
        return neighbours;
    }

    /** What {@code tensor} becomes; empty if it stays as it is. */
    public Optional<TensorRule> rule(String tensor) {
        return Optional.ofNullable(rules.get(tensor));
    }

    /** Writes the family's keys. */
    public void writeKeys(GgufValues values) {
        keys.forEach(key -> key.accept(values, architecture + "."));
    }

    /** Gives the file another {@code general.architecture} than the first that the family has. */
    public GgufExport as(String name) {
        architecture = name;
        return this;
    }

    /** Norms subtract the mean. */
    public GgufExport layerNorms() {
        norms = Norms.LAYER;
        return this;
    }

    /** An integer. */
    public GgufExport integer(String key, int value) {
        keys.add((values, prefix) -> values.uint32(prefix + key, value));
        return this;
    }

    /** An integer that config.json has under the same name, {@code otherwise} if it hasn't. */
    public GgufExport copied(String key, int otherwise) {
        return integer(key, file.integer(key).orElse(otherwise));
    }

    /** A number. */
    public GgufExport number(String key, double value) {
        keys.add((values, prefix) -> values.float32(prefix + key, (float) value));
        return this;
    }

    /** A switch. */
    public GgufExport flag(String key, boolean value) {
        keys.add((values, prefix) -> values.flag(prefix + key, value));
        return this;
    }

    /** A text. */
    public GgufExport string(String key, String value) {
        keys.add((values, prefix) -> values.string(prefix + key, value));
        return this;
    }

    /** Which layers slide, if any does. */
    public GgufExport slidingPattern() {
        List<Boolean> slides =
                config.layers().stream().map(ModelConfig.Layer::slides).toList();
        if (slides.contains(true)) {
            keys.add((values, prefix) -> values.flags(prefix + "attention.sliding_window_pattern", slides));
        }
        return this;
    }

    /** Layers see chunks, whose size is called a window; 0 says that none does. */
    public GgufExport chunks() {
        int chunk = config.layers().stream()
                .mapToInt(ModelConfig.Layer::chunk)
                .min()
                .orElse(AttentionSpec.NO_WINDOW);
        return integer("attention.sliding_window", chunk == AttentionSpec.NO_WINDOW ? 0 : chunk);
    }

    /** llama.cpp has no windows in this family: with more positions than the window it computes something else. */
    public GgufExport withoutWindows() {
        if (config.layers().stream().anyMatch(ModelConfig.Layer::slides)) {
            notes.add("the model slides, which llama.cpp ignores in files of " + architecture + "; Hearth does not");
        }
        return this;
    }

    /**
     * Readers scale attention by {@code scale}, whatever the model does: the difference goes into a tensor, queries' norm or
     * product.
     */
    public GgufExport attentionScale(String tensor, double scale) {
        if ((float) scale != config.attentionScale()) {
            queryFactor = config.attentionScale() / scale;
            factors.put(tensor, queryFactor);
        }
        return this;
    }

    /** A tensor has another name than the one that it has here. */
    public GgufExport renamed(String tensor, String other) {
        rules.put(tensor, (name, shape) -> List.of(Rearranged.rows(name.replace(tensor, other), shape, row -> row)));
        return this;
    }

    /** The error for something that no file of this family says. */
    public ModelFormatException unsaid(String setting) {
        return new ModelFormatException(
                file.at(setting), "no GGUF file of " + architecture + " can say this; the model is not converted");
    }

    /** The elements of a head that turn as a pair, half the rotated part apart, become neighbours: in queries and keys. */
    public GgufExport neighbouringPairs() {
        neighbours = true;
        int dim = config.headDim();
        int turned = config.layers().stream()
                .flatMap(layer -> layer.rope().stream())
                .mapToInt(RopeConfig::rotaryDim)
                .findFirst()
                .orElse(dim);
        TensorRule rule = (name, shape) -> List.of(Rearranged.rows(name, shape, row -> {
            long within = row % dim;
            return within >= turned ? row : row - within + within % 2 * (turned / 2) + within / 2;
        }));
        rules.put("attn_q", rule);
        rules.put("attn_k", rule);
        return this;
    }

    /** Columns become rows: of products that are stored [inputs, outputs]. */
    public GgufExport transposed(String... tensors) {
        for (String tensor : tensors) {
            rules.put(tensor, (name, shape) -> {
                if (shape.rank() < 2) { // a bias
                    return List.of(Rearranged.rows(name, shape, row -> row));
                }
                long columns = shape.width();
                return List.of(new Rearranged(name, Shape.of(columns, shape.rows()), (row, i) -> i * columns + row));
            });
        }
        return this;
    }

    /**
     * What lies as {@code groups} groups, each with so many rows of every part, becomes the first part of all groups, then the
     * second, and so on.
     */
    public GgufExport byPart(String tensor, int groups, List<Integer> parts) {
        rules.put(tensor, (name, shape) -> List.of(Rearranged.rows(name, shape, row -> grouped(row, groups, parts))));
        return this;
    }

    private static long grouped(long row, int groups, List<Integer> parts) {
        long groupRows = parts.stream().mapToLong(Integer::longValue).sum();
        long first = 0; // of the part, within a group
        long rest = row;
        for (int part : parts) {
            if (rest < (long) part * groups) {
                return rest / part * groupRows + first + rest % part;
            }
            rest -= (long) part * groups;
            first += part;
        }
        throw new IllegalArgumentException("expected a row of " + groupRows * groups + ", found " + row);
    }

    /**
     * ffn_gate_up_exps, the gate and up matrices of all experts, becomes ffn_gate_exps and ffn_up_exps; ffn_down_exps is turned if
     * they are stored by columns.
     */
    public GgufExport splitExperts(Fusion fusion) {
        rules.put(
                "ffn_gate_up_exps",
                (name, shape) -> List.of(
                        part(name.replace("gate_up", "gate"), shape, fusion, 0),
                        part(name.replace("gate_up", "up"), shape, fusion, 1)));
        if (fusion.isTransposed()) {
            rules.put("ffn_down_exps", (name, shape) -> List.of(turned(name, shape)));
        }
        rules.put( // packed ones: an expert's columns are rows already
                "ffn_gate_up_rows_exps",
                (name, shape) -> List.of(
                        part(name.replace("gate_up_rows", "gate"), shape, Fusion.ALTERNATING_ROWS, 0),
                        part(name.replace("gate_up_rows", "up"), shape, Fusion.ALTERNATING_ROWS, 1)));
        return renamed("ffn_down_rows_exps", "ffn_down_exps");
    }

    private Rearranged part(String name, Shape shape, Fusion fusion, int which) {
        boolean bias = name.endsWith(".bias");
        long joined = bias || fusion.isTransposed() ? shape.width() : shape.size(-2);
        long size = joined / 2;
        if (joined % 2 != 0 || shape.rank() != (bias ? 2 : 3)) {
            throw new ModelFormatException(
                    config.place() + ": " + name, "expected gates and ups of all experts, found " + shape);
        }
        long experts = shape.size(0);
        if (bias) {
            return new Rearranged(
                    name, Shape.of(experts, size), (row, i) -> row * joined + fusion.place(which, i, size));
        }
        long width = fusion.isTransposed() ? shape.size(-2) : shape.width();
        Rearranged.Source from = fusion.isTransposed()
                ? (row, i) -> (row / size * width + i) * joined + fusion.place(which, row % size, size)
                : (row, i) -> (row / size * joined + fusion.place(which, row % size, size)) * width + i;
        return new Rearranged(name, Shape.of(experts, size, width), from);
    }

    /** The matrix of each expert with its columns as rows. */
    private static Rearranged turned(String name, Shape shape) {
        if (shape.rank() != 3) { // a bias
            return Rearranged.rows(name, shape, row -> row);
        }
        long rows = shape.width();
        long columns = shape.size(1);
        return new Rearranged(
                name,
                Shape.of(shape.size(0), rows, columns),
                (row, i) -> (row / rows * columns + i) * rows + row % rows);
    }

    /** Which layers come before those with experts, and how many experts every token uses, as config.json says it. */
    public GgufExport denseLayersFirst() {
        return integer(
                        "leading_dense_block_count",
                        file.integer("first_k_dense_replace").orElse(0))
                .integer("expert_shared_count", file.integer("n_shared_experts").orElse(0));
    }

    /**
     * Sizes of latent attention; rows of keys and of values, head by head in attn_kv_b, become attn_k_b [heads, latent, key] and
     * attn_v_b [heads, value, latent].
     */
    public GgufExport latentAttention(LatentAttention.Shape shape, int queryLatent) {
        int latent = shape.latent();
        int key = shape.plain();
        int value = shape.value();
        int both = Math.addExact(key, value);
        rules.put(
                "attn_kv_b",
                (name, source) -> List.of(
                        new Rearranged(
                                name.replace("attn_kv_b", "attn_k_b"),
                                Shape.of(shape.heads(), latent, key),
                                (row, i) -> (row / latent * both + i) * latent + row % latent),
                        new Rearranged(
                                name.replace("attn_kv_b", "attn_v_b"),
                                Shape.of(shape.heads(), value, latent),
                                (row, i) -> (row / value * both + key + row % value) * latent + i)));
        if (queryLatent > 0) {
            integer("attention.q_lora_rank", queryLatent);
        }
        return integer("attention.kv_lora_rank", latent)
                .integer("attention.value_length", latent)
                .integer("attention.key_length_mla", key + shape.rope())
                .integer("attention.value_length_mla", value);
    }
}
