package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.Embedding;
import dev.hearth.layer.FirstColumns;
import dev.hearth.layer.Input;
import dev.hearth.layer.PerLayerEmbedding;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Weights;
import dev.hearth.spi.Activation;
import dev.hearth.spi.AttentionSpec;
import java.util.Optional;

/**
 * Gemma 4, text: Gemma 3's norms, values normed too, unscaled attention, wider heads in layers that see everything, an input of
 * its own for each layer, last layers that share keys and values, experts. Google DeepMind 2026, Gemma 4 model card.
 */
public final class Gemma4 implements Architecture {
    private static final String SHARED = "attention.shared_kv_layers";
    private static final String SIZE = "embedding_length_per_layer_input";
    private static final String TABLE = "vocab_size_per_layer_input";
    private static final String NAMES = """
            embed_tokens_per_layer                        per_layer_token_embd
            per_layer_model_projection                    per_layer_model_proj
            per_layer_projection_norm                     per_layer_proj_norm
            layers.{n}.post_attention_layernorm           blk.{n}.post_attention_norm
            layers.{n}.pre_feedforward_layernorm          blk.{n}.ffn_norm
            layers.{n}.post_feedforward_layernorm         blk.{n}.post_ffw_norm
            layers.{n}.per_layer_input_gate               blk.{n}.inp_gate
            layers.{n}.per_layer_projection               blk.{n}.proj
            layers.{n}.post_per_layer_input_norm          blk.{n}.post_norm
            =layers.{n}.layer_scalar                      blk.{n}.layer_output_scale.weight
            layers.{n}.router.proj                        blk.{n}.ffn_gate_inp
            =layers.{n}.router.scale                      blk.{n}.ffn_gate_inp.scale
            =layers.{n}.router.per_expert_scale           blk.{n}.ffn_down_exps.scale
            =layers.{n}.experts.gate_up_proj              blk.{n}.ffn_gate_up_exps.weight
            =layers.{n}.experts.down_proj                 blk.{n}.ffn_down_exps.weight
            layers.{n}.pre_feedforward_layernorm_2        blk.{n}.pre_ffw_norm_2
            layers.{n}.post_feedforward_layernorm_1       blk.{n}.post_ffw_norm_1
            layers.{n}.post_feedforward_layernorm_2       blk.{n}.post_ffw_norm_2
            """;

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        if (file.string("use_bidirectional_attention").orElse("").equals("all")) {
            throw new ModelFormatException(
                    file.at("use_bidirectional_attention"),
                    "expected a causal model, found one that sees what follows");
        }
        common(c);
        if (!file.has("layer_types")) {
            c.slide(i -> (i + 1) % 6 != 0 && i < c.layerCount() - 1);
        }
        int wide = file.integer("global_head_dim").orElse(512);
        int keys = file.flag("attention_k_eq_v", false)
                ? file.integer("num_global_key_value_heads").orElse(c.kvHeadCount())
                : c.kvHeadCount();
        Optional<Fields> each = file.fields("per_layer_config");
        c.layers((layer, i) -> {
            if (each.isPresent()) {
                Optional<Fields> own = each.get().fields(String.valueOf(i));
                return layer.withHeads(
                        own.map(f -> f.integer("num_key_value_heads").orElse(c.kvHeadCount()))
                                .orElse(c.kvHeadCount()),
                        own.map(f -> f.integer("head_dim").orElse(c.headDim())).orElse(c.headDim()));
            }
            return layer.window() == AttentionSpec.NO_WINDOW ? layer.withHeads(keys, wide) : layer;
        });
        int shared = file.integer("num_kv_shared_layers").orElse(0);
        if (file.flag("use_double_wide_mlp", false)) {
            c.layers((layer, i) -> i < c.layerCount() - shared ? layer : layer.withMlpSize(2 * c.mlpSize()));
        }
        finish(c, shared, file.integer("hidden_size_per_layer_input").orElse(256));
        file.integer("vocab_size_per_layer_input").ifPresent(rows -> c.setting(TABLE, rows));
    }

    private static void common(ModelConfigBuilder c) {
        c.activation(Activation.GELU_TANH)
                .embeddingScale(Math.sqrt(c.hiddenSize()))
                .attentionScale(1)
                .moe(m -> m.withRouting(m.routing().normalisedWith(0)));
    }

    private static void finish(ModelConfigBuilder c, int shared, int size) {
        c.layers((layer, i) -> layer.withRope(layer.rope().map(r -> r.withRotaryDim(layer.headDim()))));
        c.layers((layer, i) -> i < c.layerCount() - shared ? layer : layer.withMixer(ModelConfig.Mixer.SHARED));
        c.setting(SHARED, shared).setting(SIZE, size);
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        common(c);
        c.slide(file.slides(6));
        int narrow = file.integer("attention.key_length_swa", c.headDim());
        int[] keys = file.integers("attention.head_count_kv");
        int[] sizes = file.integers("feed_forward_length");
        c.layers((layer, i) -> layer.withHeads(
                        keys.length > i ? keys[i] : layer.kvHeadCount(),
                        layer.window() == AttentionSpec.NO_WINDOW ? c.headDim() : narrow)
                .withMlpSize(sizes.length > i ? sizes[i] : layer.mlpSize()));
        finish(c, file.integer("attention.shared_kv_layers", 0), file.integer(SIZE, 0));
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
        var plan = new LayerPlan(c);
        var embedding = w.embedding("token_embd", c.vocabSize(), c.hiddenSize());
        int size = (int) c.setting(SIZE);
        var input = size == 0 ? embedding : input(c, w, embedding, size);
        var blocks = w.blocks("blk", c.layerCount(), b -> Gemma4Block.of(c, plan, b, size));
        return new Decoder(
                input,
                blocks,
                new FirstColumns(w.rmsNorm("output_norm", c.hiddenSize()), c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private static Input input(ModelConfig c, Weights w, Embedding embedding, int size) {
        int width = Math.multiplyExact(c.layerCount(), size);
        return new PerLayerEmbedding(
                embedding,
                w.table("per_layer_token_embd", c.has(TABLE) ? c.size(TABLE) : c.vocabSize(), width),
                w.linear("per_layer_model_proj", width, c.hiddenSize()),
                w.rmsNorm("per_layer_proj_norm", size),
                size);
    }
}
