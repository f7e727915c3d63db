package dev.hearth.model.arch;

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
import dev.hearth.spi.RopeSpec;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Llama 2 and 3, and in GGUF Mixtral, whose layers have routers; Touvron and others 2023, arXiv:2302.13971; arXiv:2407.21783, section 3.2. */
public final class Llama implements Architecture {
    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        c.pairing(RopeSpec.Pairing.NEIGHBOURS);
    }

    @Override
    public void export(GgufExport gguf, ModelConfig c) {
        gguf.neighbouringPairs().withoutWindows();
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
