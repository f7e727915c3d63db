package dev.hearth.convert;

import dev.hearth.format.GgufValues;
import dev.hearth.model.GgufExport;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfig.Layer;
import dev.hearth.model.RopeConfig;
import dev.hearth.model.RopeScaling;
import dev.hearth.spi.RoutingSpec;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** A configuration as a GGUF file's metadata: the keys that most families share, then those of the family. */
final class ConfigKeys {
    private final ModelConfig config;
    private final GgufExport export;
    private final String prefix;
    private final GgufValues values = new GgufValues();

    ConfigKeys(ModelConfig config, GgufExport export) {
        this.config = config;
        this.export = export;
        this.prefix = export.architecture() + ".";
    }

    /** All keys but those of the tokenizer. */
    GgufValues write(String name) {
        values.string("general.architecture", export.architecture());
        values.string("general.type", "model").string("general.name", name);
        values.uint32(prefix + "vocab_size", config.vocabSize());
        values.uint32(prefix + "context_length", config.contextLength());
        values.uint32(prefix + "embedding_length", config.hiddenSize());
        values.uint32(prefix + "block_count", config.layerCount());
        perLayer("feed_forward_length", Layer::mlpSize);
        values.uint32(prefix + "attention.head_count", config.headCount());
        perLayer("attention.head_count_kv", Layer::kvHeadCount);
        values.uint32(prefix + "attention.key_length", config.headDim());
        values.uint32(prefix + "attention.value_length", config.headDim());
        values.float32(prefix + export.norms().key(), config.normEpsilon());
        config.layers().stream()
                .filter(Layer::slides)
                .findFirst()
                .ifPresent(layer -> values.uint32(prefix + "attention.sliding_window", layer.window()));
        softcap("attn_logit_softcapping", config.attentionSoftcap());
        softcap("final_logit_softcapping", config.logitSoftcap());
        rotations();
        config.moe().ifPresent(this::experts);
        export.writeKeys(values);
        return values;
    }

    private void perLayer(String key, ToIntFunction<Layer> size) {
        List<Integer> sizes = config.layers().stream().map(size::applyAsInt).toList();
        if (sizes.stream().distinct().count() == 1) {
            values.uint32(prefix + key, sizes.getFirst());
        } else {
            values.int32s(prefix + key, sizes);
        }
    }

    private void softcap(String key, float value) {
        if (value != 0) {
            values.float32(prefix + key, value);
        }
    }

    /** The rotation of layers that see everything is the file's; that of sliding ones stands beside it where it differs. */
    private void rotations() {
        Optional<RopeConfig> sliding = rope(true);
        Optional<RopeConfig> full = rope(false).or(() -> sliding);
        full.ifPresent(rope -> {
            values.uint32(prefix + "rope.dimension_count", rope.rotaryDim());
            values.float32(prefix + "rope.freq_base", (float) rope.base());
            scaling(rope.scaling());
        });
        sliding.filter(rope -> rope.base() != full.orElseThrow().base())
                .ifPresent(rope -> values.float32(prefix + "rope.freq_base_swa", (float) rope.base()));
    }

    private Optional<RopeConfig> rope(boolean sliding) {
        return config.layers().stream()
                .filter(layer -> layer.slides() == sliding)
                .flatMap(layer -> layer.rope().stream())
                .findFirst();
    }

    private void scaling(RopeScaling scaling) {
        String scaled = prefix + "rope.scaling.";
        switch (scaling) {
            case RopeScaling.Linear linear ->
                values.string(scaled + "type", "linear").float32(scaled + "factor", (float) linear.factor());
            case RopeScaling.Yarn yarn ->
                values.string(scaled + "type", "yarn")
                        .float32(scaled + "factor", (float) yarn.factor())
                        .uint32(scaled + "original_context_length", yarn.originalContext())
                        .float32(scaled + "yarn_beta_fast", (float) yarn.betaFast())
                        .float32(scaled + "yarn_beta_slow", (float) yarn.betaSlow());
            case RopeScaling.LongRope rope ->
                values.string(scaled + "type", "longrope")
                        .uint32(scaled + "original_context_length", rope.originalContext())
                        .float32(scaled + "attn_factor", (float) rope.attentionFactor());
            default -> {} // by tensors, or not at all, which is found when the keys are read back
        }
    }

    private void experts(ModelConfig.Moe moe) {
        RoutingSpec routing = moe.routing();
        values.uint32(prefix + "expert_count", moe.expertCount())
                .uint32(prefix + "expert_used_count", moe.usedCount())
                .uint32(prefix + "expert_feed_forward_length", moe.expertSize())
                .uint32(prefix + "expert_gating_func", gatingFunction(routing.scoring()))
                .flag(prefix + "expert_weights_norm", routing.normalised());
        if (moe.sharedSize() > 0) {
            values.uint32(prefix + "expert_shared_feed_forward_length", moe.sharedSize());
        }
        if (routing.scale() != 1) {
            values.float32(prefix + "expert_weights_scale", routing.scale());
        }
        if (routing.groups().count() > 1) {
            values.uint32(prefix + "expert_group_count", routing.groups().count())
                    .uint32(prefix + "expert_group_used_count", routing.groups().used());
        }
    }

    /** llama.cpp's llama_expert_gating_func_type. */
    private static int gatingFunction(RoutingSpec.Scoring scoring) {
        return switch (scoring) {
            case SOFTMAX -> 1;
            case SIGMOID, LOGIT_THEN_SIGMOID -> 2;
            case LOGIT_THEN_SOFTMAX -> 3;
        };
    }
}
