package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.layer.Attention;
import dev.hearth.layer.FeedForward;
import dev.hearth.layer.RmsNorm;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.FeedForwards;
import dev.hearth.model.GgufExport;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Mixtral: Llama's block with experts, the weights of those chosen summing to one. GGUF calls it llama. arXiv:2401.04088, section 2. */
public final class Mixtral implements Architecture {
    private static final String NAMES = """
            layers.{n}.block_sparse_moe.gate                   blk.{n}.ffn_gate_inp
            layers.{n}.block_sparse_moe.experts.{e}.w1         blk.{n}.ffn_gate_exps
            layers.{n}.block_sparse_moe.experts.{e}.w3         blk.{n}.ffn_up_exps
            layers.{n}.block_sparse_moe.experts.{e}.w2         blk.{n}.ffn_down_exps
            """;

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        c.moe(moe -> moe.withRouting(moe.routing().normalisedWith(0)));
    }

    @Override
    public void export(GgufExport gguf, ModelConfig c) {
        gguf.as("llama").neighbouringPairs().withoutWindows();
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
                                b.linear("attn_output", c.hiddenSize(), c.queryWidth())),
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
