package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.layer.Attention;
import dev.hearth.layer.LayerNorm;
import dev.hearth.layer.Mlp;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.GgufExport;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.LayerWeights;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.spi.Activation;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Phi 1, 1.5 and 2: attention and feed-forward side by side behind one layer norm, part of each head rotated. arXiv:2309.05463, section 2. */
public final class Phi implements Architecture {
    private static final String NAMES = """
            final_layernorm                               output_norm
            layers.{n}.self_attn.dense                    blk.{n}.attn_output
            layers.{n}.self_attn.q_layernorm              blk.{n}.attn_q_norm
            layers.{n}.self_attn.k_layernorm              blk.{n}.attn_k_norm
            layers.{n}.mlp.fc1                            blk.{n}.ffn_up
            layers.{n}.mlp.fc2                            blk.{n}.ffn_down
            """;

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        if (!file.has("partial_rotary_factor") && file.fields("rope_parameters").isEmpty()) {
            c.ropes(r -> r.withRotaryDim(c.headDim() / 2));
        }
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        c.activation(Activation.GELU_TANH);
    }

    @Override
    public void export(GgufExport gguf, ModelConfig c) {
        gguf.layerNorms();
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
        var plan = new LayerPlan(c);
        var embedding = w.embedding("token_embd", c.vocabSize(), c.hiddenSize());
        var blocks = w.blocks(
                "blk",
                c.layerCount(),
                b -> new Block(
                        b.layerNorm("attn_norm", c.hiddenSize()),
                        attention(c, plan, b),
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
                b.qkv("attn_q", "attn_k", "attn_v"),
                b.linear("attn_output", c.hiddenSize(), c.queryWidth()));
        return b.has("attn_q_norm")
                ? attention.withHeadNorm(
                        b.layerNorm("attn_q_norm", c.headDim()), b.layerNorm("attn_k_norm", c.headDim()))
                : attention;
    }

    private record Block(LayerNorm norm, Attention attention, Mlp mlp) implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var x = norm.addThenNorm(residual, delta, step);
            var h = attention.forward(x, step);
            step.ops().add(h, mlp.forward(x, step));
            return h;
        }
    }
}
