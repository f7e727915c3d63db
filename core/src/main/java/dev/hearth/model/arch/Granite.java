package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.layer.Attention;
import dev.hearth.layer.GatedMlp;
import dev.hearth.layer.RmsNorm;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.GgufExport;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.spi.RopeSpec;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Granite 3: Llama's block with factors for embedding, attention, residual and logits, as in arXiv:2404.06395, section 3. */
public final class Granite implements Architecture {
    private static final String RESIDUAL_SCALE = "residual_scale";

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        file.number("embedding_multiplier").ifPresent(c::embeddingScale);
        file.number("attention_multiplier").ifPresent(c::attentionScale);
        file.number("residual_multiplier").ifPresent(m -> c.setting(RESIDUAL_SCALE, m));
        file.number("logits_scaling").ifPresent(s -> c.logitScale(1 / s));
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        c.pairing(RopeSpec.Pairing.NEIGHBOURS);
        file.number("embedding_scale").ifPresent(c::embeddingScale);
        file.number("attention.scale").ifPresent(c::attentionScale);
        file.number("residual_scale").ifPresent(m -> c.setting(RESIDUAL_SCALE, m));
        file.number("logit_scale").ifPresent(s -> c.logitScale(1 / s));
    }

    @Override
    public void export(GgufExport gguf, ModelConfig c) {
        gguf.neighbouringPairs()
                .number("embedding_scale", c.embeddingScale())
                .number("attention.scale", c.attentionScale())
                .number("residual_scale", c.setting(RESIDUAL_SCALE, 1))
                .number("logit_scale", 1 / c.logitScale());
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
        float scale = (float) c.setting(RESIDUAL_SCALE, 1);
        var plan = new LayerPlan(c);
        var embedding = w.embedding("token_embd", c.vocabSize(), c.hiddenSize());
        var blocks = w.blocks(
                "blk",
                c.layerCount(),
                b -> new Block(
                        b.rmsNorm("attn_norm", c.hiddenSize()),
                        Attention.of(
                                plan.layer(b.index()),
                                b.qkv("attn_q", "attn_k", "attn_v"),
                                b.linear("attn_output", c.hiddenSize(), c.queryWidth())),
                        b.rmsNorm("ffn_norm", c.hiddenSize()),
                        GatedMlp.of(
                                c.activation(),
                                b.gateUp("ffn_gate", "ffn_up"),
                                b.linear("ffn_down", c.hiddenSize(), c.mlpSize())),
                        scale));
        return new Decoder(
                embedding,
                blocks,
                w.rmsNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private record Block(RmsNorm attnNorm, Attention attention, RmsNorm mlpNorm, GatedMlp mlp, float residualScale)
            implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var h = attnNorm.addThenNorm(residual, delta, step);
            h = attention.forward(h, step);
            step.ops().scale(h, residualScale);
            h = mlpNorm.addThenNorm(residual, h, step);
            h = mlp.forward(h, step);
            step.ops().scale(h, residualScale);
            return h;
        }
    }
}
