package dev.hearth.model;

import dev.hearth.format.Gguf;
import dev.hearth.format.GgufMetadata;
import dev.hearth.format.ModelFormatException;
import dev.hearth.spi.Activation;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.RopeSpec;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Reads the configuration out of a GGUF file's metadata, and what llama.cpp fixes by family instead of storing it: which layers
 * have a window, Gemma's local rotary base, which weights are stored for rotation by neighbours.
 */
public final class GgufConfig {
    private static final double GEMMA3_LOCAL_BASE = 10_000;
    private static final int GEMMA2_27B_LAYERS = 46;
    private static final int GEMMA3_27B_LAYERS = 62;

    private final Gguf file;
    private final GgufMetadata metadata;
    private final String prefix;
    private final String family;

    private GgufConfig(Gguf file) {
        this.file = file;
        this.metadata = file.metadata();
        this.prefix = metadata.requiredString("general.architecture") + ".";
        this.family = Architectures.ofGguf(file.place(), metadata.requiredString("general.architecture"));
    }

    /** The configuration. @throws ModelFormatException for a family that isn't known or numbers that mean nothing */
    public static ModelConfig read(Gguf file) {
        return new GgufConfig(file).model();
    }

    private ModelConfig model() {
        int hidden = required("embedding_length");
        int heads = uniform("attention.head_count").orElseThrow(() -> missing("attention.head_count"));
        int headDim = integer("attention.key_length", heads > 0 ? hidden / heads : 0);
        int layers = required("block_count");
        if (layers < 1 || layers > 10_000) {
            throw new ModelFormatException(metadata.at(prefix + "block_count"), "expected 1 to 10000, found " + layers);
        }
        int valueDim = integer("attention.value_length", headDim);
        if (valueDim != headDim) {
            throw new ModelFormatException(
                    metadata.at(prefix + "attention.value_length"),
                    "expected " + headDim + ", as the keys have, found " + valueDim);
        }
        boolean gemma = family.startsWith("gemma");
        return new ModelConfig(
                file.place(),
                family,
                vocabularySize(),
                hidden,
                integer("context_length", 2048),
                heads,
                uniform("attention.head_count_kv").orElse(heads),
                headDim,
                uniform("feed_forward_length").orElseThrow(() -> missing("feed_forward_length")),
                (float) number("attention.layer_norm_rms_epsilon").orElse(1e-6),
                gemma ? Activation.GELU_TANH : Activation.SILU,
                layers(layers, headDim),
                attentionScale(layers, hidden, heads, headDim),
                (float) number("attn_logit_softcapping").orElse(family.equals("gemma2") ? 50 : 0),
                (float) number("final_logit_softcapping").orElse(family.equals("gemma2") ? 30 : 0),
                gemma ? (float) Math.sqrt(hidden) : 1,
                0,
                moe());
    }

    /** Rows of the embedding: metadata may count tokens that have none. */
    private int vocabularySize() {
        long rows = file.entry("token_embd.weight")
                .orElseThrow(
                        () -> new ModelFormatException(file.place(), "expected a tensor token_embd.weight, found none"))
                .shape()
                .rows();
        return (int) Math.min(rows, Integer.MAX_VALUE);
    }

    /** Gemma's query scalar, which GGUF doesn't store: hidden / heads in the two models of 27B, else the head dimension. */
    private float attentionScale(int layers, int hidden, int heads, int headDim) {
        boolean large = family.equals("gemma2") && layers == GEMMA2_27B_LAYERS
                || family.equals("gemma3") && layers == GEMMA3_27B_LAYERS;
        return (float) Math.pow(large ? hidden / heads : headDim, -0.5);
    }

    private List<ModelConfig.Layer> layers(int count, int headDim) {
        int rotary = integer("rope.dimension_count", headDim);
        RopeSpec.Pairing pairing = switch (family) {
            case "llama", "mistral", "smollm3" -> RopeSpec.Pairing.NEIGHBOURS;
            default -> RopeSpec.Pairing.HALVES;
        };
        RopeConfig full = new RopeConfig(positive("rope.freq_base", 10_000), rotary, scaling(rotary), pairing);
        RopeConfig local = new RopeConfig(
                number("rope.freq_base_swa").orElse(GEMMA3_LOCAL_BASE), rotary, new RopeScaling.None(), pairing);
        int window = integer("attention.sliding_window", 0);
        List<ModelConfig.Layer> layers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean sliding = window > 0 && sliding(i);
            Optional<RopeConfig> rope = family.equals("smollm3") && (i + 1) % 4 == 0
                    ? Optional.empty()
                    : Optional.of(sliding && family.equals("gemma3") ? local : full);
            layers.add(new ModelConfig.Layer(sliding ? window : AttentionSpec.NO_WINDOW, rope));
        }
        return layers;
    }

    private boolean sliding(int layer) {
        return switch (family) {
            case "gemma2" -> layer % 2 == 0;
            case "gemma3" -> layer % 6 < 5;
            default -> true;
        };
    }

    private RopeScaling scaling(int rotary) {
        Optional<List<Double>> shortFactors = factors("rope_factors_short.weight", rotary);
        Optional<List<Double>> longFactors = factors("rope_factors_long.weight", rotary);
        int original = integer("rope.scaling.original_context_length", integer("context_length", 2048));
        if (shortFactors.isPresent() && longFactors.isPresent()) {
            double attention = number("rope.scaling.attn_factor").orElse(1);
            return new RopeScaling.LongRope(shortFactors.get(), longFactors.get(), original, attention);
        }
        Optional<List<Double>> factors = factors("rope_freqs.weight", rotary);
        if (factors.isPresent()) {
            return new RopeScaling.Factors(factors.get());
        }
        String type = metadata.string(prefix + "rope.scaling.type").orElse("none");
        return switch (type) {
            case "none", "longrope" -> new RopeScaling.None();
            case "linear" -> new RopeScaling.Linear(positive("rope.scaling.factor", 1));
            case "yarn" ->
                new RopeScaling.Yarn(
                        positive("rope.scaling.factor", 1),
                        Math.max(1, original),
                        positive("rope.scaling.yarn_beta_fast", 32),
                        positive("rope.scaling.yarn_beta_slow", 1),
                        OptionalDouble.empty(),
                        true);
            default ->
                throw new ModelFormatException(
                        metadata.at(prefix + "rope.scaling.type"),
                        "expected none, linear, yarn or longrope, found " + type);
        };
    }

    private Optional<List<Double>> factors(String name, int rotary) {
        if (file.entry(name).isEmpty()) {
            return Optional.empty();
        }
        var tensor = file.tensor(name);
        if (tensor.type() != DType.F32 || tensor.shape().elements() != rotary / 2) {
            throw new ModelFormatException(
                    tensor.place(), "expected F32 [" + rotary / 2 + "], found " + tensor.type() + " " + tensor.shape());
        }
        List<Double> values = new ArrayList<>();
        for (int i = 0; i < rotary / 2; i++) {
            values.add((double) tensor.data().get(Tensor.FLOAT, 4L * i));
        }
        return Optional.of(List.copyOf(values));
    }

    private Optional<ModelConfig.Moe> moe() {
        int count = integer("expert_count", 0);
        if (count == 0) {
            return Optional.empty();
        }
        return Optional.of(new ModelConfig.Moe(
                count, required("expert_used_count"), required("expert_feed_forward_length"), true));
    }

    private ModelFormatException missing(String key) {
        return new ModelFormatException(metadata.at(prefix + key), "expected an integer, found nothing");
    }

    private int required(String key) {
        return metadata.requiredInteger(prefix + key);
    }

    private int integer(String key, int otherwise) {
        return metadata.integer(prefix + key).orElse(otherwise);
    }

    private OptionalDouble number(String key) {
        return metadata.number(prefix + key);
    }

    private double positive(String key, double otherwise) {
        double value = number(key).orElse(otherwise);
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new ModelFormatException(metadata.at(prefix + key), "expected a positive number, found " + value);
        }
        return value;
    }

    /** One number for all layers, which some files repeat for each. */
    private Optional<Integer> uniform(String key) {
        int[] values = metadata.integers(prefix + key);
        for (int value : values) {
            if (value != values[0]) {
                throw new ModelFormatException(
                        metadata.at(prefix + key),
                        "expected the same number for every layer, found " + values[0] + " and " + value);
            }
        }
        return values.length == 0 ? Optional.empty() : Optional.of(values[0]);
    }
}
