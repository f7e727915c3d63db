package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.layer.Attention;
import dev.hearth.layer.LayerNorm;
import dev.hearth.layer.Mlp;
import dev.hearth.model.AlibiSlopes;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.GgufExport;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.HuggingFaceConfig;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.LayerWeights;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.spi.Activation;
import dev.hearth.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Falcon: layer norms, GELU, few key heads; attention and feed-forward side by side behind one norm or one each, in the first
 * models one after the other. arXiv:2311.16867, section 4.
 */
public final class Falcon implements Architecture {
    private static final String GROUPED =
            "grouped_qkv"; // key head by key head in the Hugging Face layout, GGUF has parts
    private static final String ALIBI = "alibi";
    private static final String NAMES = """
            word_embeddings                               token_embd
            ln_f                                          output_norm
            h.{n}.input_layernorm                         blk.{n}.attn_norm
            h.{n}.ln_mlp                                  blk.{n}.attn_norm
            h.{n}.ln_attn                                 blk.{n}.attn_norm_2
            h.{n}.post_attention_layernorm                blk.{n}.ffn_norm
            h.{n}.self_attention.query_key_value          blk.{n}.attn_qkv
            h.{n}.self_attention.dense                    blk.{n}.attn_output
            h.{n}.mlp.dense_h_to_4h                       blk.{n}.ffn_up
            h.{n}.mlp.dense_4h_to_h                       blk.{n}.ffn_down
            """;

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        boolean fewKeys = file.flag("new_decoder_architecture", false);
        int keys = fewKeys
                ? file.integer("num_kv_heads").orElse(file.integer("n_head_kv").orElse(c.headCount()))
                : file.flag("multi_query", true) ? 1 : c.headCount();
        c.heads(c.headCount(), keys, c.hiddenSize() / Math.max(1, c.headCount()));
        c.mlpSize(file.integer("ffn_hidden_size").orElse(4 * c.hiddenSize()));
        if (file.flag("alibi", false)) {
            c.setting(ALIBI, 1).withoutRope(i -> true);
        }
        c.setting(GROUPED, 1).activation(HuggingFaceConfig.activation(file, "activation", "gelu"));
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        c.activation(Activation.GELU);
    }

    @Override
    public void export(GgufExport gguf, ModelConfig c) {
        int queries = c.queryWidth() / c.kvHeadCount();
        gguf.layerNorms()
                .string("tensor_data_layout", "jploski")
                .byPart("attn_qkv", c.kvHeadCount(), List.of(queries, c.headDim(), c.headDim()));
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
        var plan = new LayerPlan(c);
        var embedding = w.embedding("token_embd", c.vocabSize(), c.hiddenSize());
        var blocks = w.blocks(
                "blk",
                c.layerCount(),
                b -> new Block(
                        b.layerNorm(b.has("attn_norm_2") ? "attn_norm_2" : "attn_norm", c.hiddenSize()),
                        attention(c, plan, b),
                        mlpNorm(c, b),
                        !b.has("ffn_norm"),
                        Mlp.of(
                                c.activation(),
                                b.linear("ffn_up", c.mlpSize(), c.hiddenSize()),
                                b.linear("ffn_down", c.hiddenSize(), c.mlpSize()))));
        return new Decoder(
                embedding,
                blocks,
                w.layerNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private static Attention attention(ModelConfig c, LayerPlan plan, LayerWeights b) {
        var attention = Attention.of(
                plan.layer(b.index()),
                c.flag(GROUPED) ? b.groupedQkv("attn_qkv") : b.fusedQkv("attn_qkv"),
                b.linear("attn_output", c.hiddenSize(), c.queryWidth()));
        return c.flag(ALIBI) ? attention.withSlopes(b.numbers("slopes", slopes(c))) : attention;
    }

    /** Added before scores are scaled. Not rounded to BF16, as transformers rounds slope times position. */
    private static float[] slopes(ModelConfig c) {
        float[] slopes = AlibiSlopes.of(c.headCount(), 8);
        for (int h = 0; h < slopes.length; h++) {
            slopes[h] *= c.attentionScale();
        }
        return slopes;
    }

    /** Empty where the feed-forward layer shares attention's norm. */
    private static Optional<LayerNorm> mlpNorm(ModelConfig c, LayerWeights b) {
        if (b.has("ffn_norm")) {
            return Optional.of(b.layerNorm("ffn_norm", c.hiddenSize()));
        }
        return b.has("attn_norm_2") ? Optional.of(b.layerNorm("attn_norm", c.hiddenSize())) : Optional.empty();
    }

    private record Block(
            LayerNorm attnNorm, Attention attention, Optional<LayerNorm> mlpNorm, boolean parallel, Mlp mlp)
            implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var x = attnNorm.addThenNorm(residual, delta, step);
            var h = attention.forward(x, step);
            if (mlpNorm.isPresent()) {
                x = mlpNorm.get().addThenNorm(residual, parallel ? null : h, step);
            }
            var m = mlp.forward(x, step);
            if (parallel) {
                step.ops().add(m, h);
            }
            return m;
        }
    }
}
