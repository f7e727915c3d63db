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
import dev.hearth.model.GgufKeys;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.LayerWeights;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.spi.RoutingSpec;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** GLM-4.5 and dots.llm1: dense layers first, then experts chosen by biased sigmoids beside shared ones; q and k heads normed where the model has the weights. arXiv:2508.06471, section 2.1; arXiv:2506.05767, section 2.1. */
public final class Glm4Moe implements Architecture {
    @Override
    public String tensorNames() {
        return FeedForwards.NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        c.moe(moe -> moe.withRouting(judged(moe.routing(), file.flag("norm_topk_prob", true))));
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        c.moe(moe -> moe.withRouting(judged(moe.routing(), file.flag("expert_weights_norm", false))));
        c.firstLayers(c.layerCount() - file.integer("nextn_predict_layers", 0)); // the others guess further ahead
    }

    /** Sigmoids; groups by their two best. */
    private static RoutingSpec judged(RoutingSpec routing, boolean normalised) {
        var sigmoids = routing.withScoring(RoutingSpec.Scoring.SIGMOID).rankedByTwo();
        return normalised ? sigmoids.normalisedWith(1e-20f) : sigmoids.notNormalised();
    }

    @Override
    public void export(GgufExport gguf, ModelConfig c) {
        if (c.architecture().equals("glm4moe")) {
            gguf.renamed("ffn_norm", "post_attention_norm");
        }
        gguf.denseLayersFirst();
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
                        attention(c, plan, b),
                        b.rmsNorm(b.has("ffn_norm") ? "ffn_norm" : "post_attention_norm", c.hiddenSize()),
                        FeedForwards.of(c, b)));
        return new Decoder(
                embedding,
                blocks,
                w.rmsNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private static Attention attention(ModelConfig c, LayerPlan plan, LayerWeights b) {
        var attention = Attention.of(
                plan.layer(b.index()),
                b.qkv("attn_q", "attn_k", "attn_v"),
                b.linear("attn_output", c.hiddenSize(), c.queryWidth()));
        return b.has("attn_q_norm")
                ? attention.withHeadNorm(b.rmsNorm("attn_q_norm", c.headDim()), b.rmsNorm("attn_k_norm", c.headDim()))
                : attention;
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
