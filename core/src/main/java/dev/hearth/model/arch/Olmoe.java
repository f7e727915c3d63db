package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.Attention;
import dev.hearth.layer.FeedForward;
import dev.hearth.layer.RmsNorm;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.FeedForwards;
import dev.hearth.model.GgufExport;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** OLMoE: Llama's block with q and k normed over all their heads, and experts. arXiv:2409.02060, section 2. */
public final class Olmoe implements Architecture {
    private static final String NAMES = """
            layers.{n}.mlp.gate                                blk.{n}.ffn_gate_inp
            layers.{n}.mlp.experts.{e}.gate_proj               blk.{n}.ffn_gate_exps
            layers.{n}.mlp.experts.{e}.up_proj                 blk.{n}.ffn_up_exps
            layers.{n}.mlp.experts.{e}.down_proj               blk.{n}.ffn_down_exps
            """;

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        if (file.has("clip_qkv")) {
            throw new ModelFormatException(file.at("clip_qkv"), "expected none, found a bound of q, k and v");
        }
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        c.moe(moe -> moe.withRouting(moe.routing().notNormalised())); // llama.cpp never does
    }

    @Override
    public void export(GgufExport gguf, ModelConfig c) {
        // nothing beside what most families share
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
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
                                        b.linear("attn_output", c.hiddenSize(), c.queryWidth()))
                                .withHeadNorm(
                                        b.rmsNorm("attn_q_norm", c.queryWidth()),
                                        b.rmsNorm("attn_k_norm", c.keyWidth())),
                        b.rmsNorm("ffn_norm", c.hiddenSize()),
                        FeedForwards.of(c, b)));
        return new Decoder(
                embedding,
                blocks,
                w.rmsNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private record Block(RmsNorm attnNorm, Attention attention, RmsNorm mlpNorm, FeedForward mlp)
            implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var h = attnNorm.addThenNorm(residual, delta, step);
            h = attention.forward(h, step);
            h = mlpNorm.addThenNorm(residual, h, step);
            return mlp.forward(h, step);
        }
    }
}
