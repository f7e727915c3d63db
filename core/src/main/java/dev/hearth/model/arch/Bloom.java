package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.Attention;
import dev.hearth.layer.LayerNorm;
import dev.hearth.layer.Mlp;
import dev.hearth.model.AlibiSlopes;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.spi.Activation;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** BLOOM: layer norms, one of the embedding too, GELU, linear biases of attention in place of positions. arXiv:2211.05100, section 3.2. */
public final class Bloom implements Architecture {
    private static final double MOST = 8; // of the slopes' exponents
    private static final String GROUPED = "grouped_qkv"; // head by head in the Hugging Face layout, GGUF has parts
    private static final String NAMES = """
            word_embeddings                               token_embd
            word_embeddings_layernorm                     token_embd_norm
            ln_f                                          output_norm
            h.{n}.input_layernorm                         blk.{n}.attn_norm
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
        if (file.flag("apply_residual_connection_post_layernorm", false)) {
            throw new ModelFormatException(file.at("apply_residual_connection_post_layernorm"), "not supported");
        }
        c.heads(c.headCount(), c.headCount(), c.hiddenSize() / Math.max(1, c.headCount()));
        c.mlpSize((int) Math.min(4L * c.hiddenSize(), Integer.MAX_VALUE)).setting(GROUPED, 1);
        c.normEpsilon(file.number("layer_norm_epsilon").orElse(1e-5));
        finish(c);
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        finish(c);
    }

    private static void finish(ModelConfigBuilder c) {
        c.activation(Activation.GELU_TANH).withoutRope(i -> true);
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
        boolean grouped = c.flag(GROUPED);
        var plan = new LayerPlan(c);
        var embedding = w.embedding("token_embd", c.vocabSize(), c.hiddenSize());
        var input = embedding.withNorm(w.layerNorm("token_embd_norm", c.hiddenSize()));
        var blocks = w.blocks(
                "blk",
                c.layerCount(),
                b -> new Block(
                        b.layerNorm("attn_norm", c.hiddenSize()),
                        Attention.of(
                                        plan.layer(b.index()),
                                        grouped ? b.groupedQkv("attn_qkv") : b.fusedQkv("attn_qkv"),
                                        b.linear("attn_output", c.hiddenSize(), c.queryWidth()))
                                .withSlopes(b.numbers("slopes", AlibiSlopes.of(c.headCount(), MOST))),
                        b.layerNorm("ffn_norm", c.hiddenSize()),
                        Mlp.of(
                                c.activation(),
                                b.linear("ffn_up", c.mlpSize(), c.hiddenSize()),
                                b.linear("ffn_down", c.hiddenSize(), c.mlpSize()))));
        return new Decoder(
                input,
                blocks,
                w.layerNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private record Block(LayerNorm attnNorm, Attention attention, LayerNorm mlpNorm, Mlp mlp) implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var h = attnNorm.addThenNorm(residual, delta, step);
            h = attention.forward(h, step);
            h = mlpNorm.addThenNorm(residual, h, step);
            return mlp.forward(h, step);
        }
    }
}
