package dev.hearth.model;

import dev.hearth.format.Gguf;
import dev.hearth.format.ModelFormatException;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.RopeSpec;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Reads the configuration out of a GGUF file's metadata: the keys that most families share. What else a family needs, and what
 * llama.cpp fixes by family instead of storing it, is in {@link Architecture#configure}.
 */
public final class GgufConfig {
    private static final int RANK = 4; // llama.cpp's pooling of models that label

    private final Gguf file;
    private final GgufKeys keys;
    private final Architectures.Family family;

    private GgufConfig(Gguf file) {
        this.file = file;
        this.keys = GgufKeys.of(file);
        this.family = Architectures.ofGguf(file.place(), file.metadata().requiredString("general.architecture"));
    }

    /** The configuration. @throws ModelFormatException for a family that isn't known or numbers that mean nothing */
    public static ModelConfig read(Gguf file) {
        GgufConfig reader = new GgufConfig(file);
        ModelConfigBuilder builder = reader.common();
        reader.family.architecture().configure(builder, reader.keys);
        return builder.build();
    }

    private ModelConfigBuilder common() {
        int hidden = keys.required("embedding_length");
        int heads = keys.uniform("attention.head_count").orElse(1);
        int headDim = keys.integer("attention.key_length", heads > 0 ? hidden / heads : 0);
        int count = keys.required("block_count");
        if (count < 1 || count > 10_000) {
            throw new ModelFormatException(keys.at("block_count"), "expected 1 to 10000, found " + count);
        }
        ModelConfigBuilder c = new ModelConfigBuilder(file.place(), family.name())
                .vocabSize(vocabularySize())
                .hiddenSize(hidden)
                .contextLength(keys.integer("context_length", 2048))
                .normEpsilon(keys.number("attention.layer_norm_rms_epsilon")
                        .orElse(keys.number("attention.layer_norm_epsilon").orElse(1e-6)));
        int window = keys.integer("attention.sliding_window", 0);
        int rotary = keys.integer("rope.dimension_count", headDim);
        RopeConfig rope = rope(rotary, RopeSpec.Pairing.HALVES);
        c.plan(count, window > 0 ? window : AttentionSpec.NO_WINDOW, rope, slidingRope(rope))
                .slide(i -> window > 0)
                .heads(heads, keyHeads(heads), headDim)
                .mlpSize(first(keys.integers("feed_forward_length"), 4 * hidden));
        keys.number("attn_logit_softcapping").ifPresent(c::attentionSoftcap);
        keys.number("final_logit_softcapping").ifPresent(c::logitSoftcap);
        MoeConfig.of(keys).ifPresent(c::moe);
        c.setting(ModelConfig.LABELS_TEXTS, keys.integer("pooling_type", 0) == RANK ? 1 : 0);
        if (!keys.flag("attention.causal", true)) {
            c.bothWays();
        }
        return c;
    }

    /** Key heads of the first layer that has any: hybrids say 0 for layers without attention. */
    private int keyHeads(int heads) {
        for (int count : keys.integers("attention.head_count_kv")) {
            if (count > 0) {
                return count;
            }
        }
        return heads;
    }

    private static int first(int[] values, int otherwise) {
        return values.length > 0 ? values[0] : otherwise;
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

    private RopeConfig rope(int rotary, RopeSpec.Pairing pairing) {
        return new RopeConfig(keys.positive("rope.freq_base", 10_000), rotary, scaling(rotary), pairing);
    }

    private RopeConfig slidingRope(RopeConfig full) {
        return keys.has("rope.freq_base_swa")
                ? new RopeConfig(
                        keys.positive("rope.freq_base_swa", 0),
                        full.rotaryDim(),
                        new RopeScaling.None(),
                        full.pairing())
                : full;
    }

    private RopeScaling scaling(int rotary) {
        Optional<List<Double>> shortFactors = factors("rope_factors_short.weight", rotary);
        Optional<List<Double>> longFactors = factors("rope_factors_long.weight", rotary);
        int original = keys.integer("rope.scaling.original_context_length", keys.integer("context_length", 2048));
        if (shortFactors.isPresent() && longFactors.isPresent()) {
            double attention = keys.number("rope.scaling.attn_factor").orElse(1);
            return new RopeScaling.LongRope(shortFactors.get(), longFactors.get(), original, attention);
        }
        Optional<List<Double>> factors = factors("rope_freqs.weight", rotary);
        if (factors.isPresent()) {
            return new RopeScaling.Factors(factors.get());
        }
        String type = keys.string("rope.scaling.type").orElse("none");
        return switch (type) {
            case "none", "longrope" -> new RopeScaling.None();
            case "linear" -> new RopeScaling.Linear(keys.positive("rope.scaling.factor", 1));
            case "yarn" ->
                new RopeScaling.Yarn(
                        keys.positive("rope.scaling.factor", 1),
                        Math.max(1, original),
                        keys.positive("rope.scaling.yarn_beta_fast", 32),
                        keys.positive("rope.scaling.yarn_beta_slow", 1),
                        OptionalDouble.empty(),
                        true);
            default ->
                throw new ModelFormatException(
                        keys.at("rope.scaling.type"), "expected none, linear, yarn or longrope, found " + type);
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
}
