package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.layer.Attention;
import dev.hearth.layer.GatedMlp;
import dev.hearth.layer.LayerNorm;
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
import dev.hearth.spi.RopeSpec;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Command R and Aya: attention and feed-forward side by side behind one layer norm, neighbouring pairs rotated. Cohere 2024, model card. */
public final class CommandR implements Architecture {
    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        c.pairing(RopeSpec.Pairing.NEIGHBOURS);
        c.logitScale(file.number("logit_scale").orElse(0.0625));
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        c.pairing(RopeSpec.Pairing.NEIGHBOURS);
        file.number("logit_scale").ifPresent(c::logitScale);
    }

    @Override
    public void export(GgufExport gguf, ModelConfig c) {
        gguf.layerNorms().number("logit_scale", c.logitScale());
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
                        GatedMlp.of(
                                c.activation(),
                                b.gateUp("ffn_gate", "ffn_up"),
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
                        b.headLayerNorm("attn_q_norm", c.headCount(), c.headDim()),
                        b.headLayerNorm("attn_k_norm", c.kvHeadCount(), c.headDim()))
                : attention;
    }

    private record Block(LayerNorm norm, Attention attention, GatedMlp mlp) implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var x = norm.addThenNorm(residual, delta, step);
            var h = attention.forward(x, step);
            step.ops().add(h, mlp.forward(x, step));
            return h;
        }
    }
}
