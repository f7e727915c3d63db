package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.layer.Attention;
import dev.hearth.layer.FeedForward;
import dev.hearth.layer.RmsNorm;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.Experts.Fusion;
import dev.hearth.model.FeedForwards;
import dev.hearth.model.GgufExport;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.LayerWeights;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.RopeConfig;
import dev.hearth.model.RopeScaling;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.spi.ExpertWeights;
import dev.hearth.spi.Gating;
import dev.hearth.spi.RoutingSpec;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** gpt-oss: every other layer with a window, heads with sinks, experts with biases and a bounded gate. arXiv:2508.10925, section 2. */
public final class GptOss implements Architecture {
    private static final String ALPHA = "swiglu_alpha";
    private static final String LIMIT = "swiglu_limit";

    private static final String NAMES = """
            =layers.{n}.self_attn.sinks                        blk.{n}.attn_sinks.weight
            layers.{n}.mlp.router                              blk.{n}.ffn_gate_inp
            =layers.{n}.mlp.experts.gate_up_proj               blk.{n}.ffn_gate_up_exps.weight
            =layers.{n}.mlp.experts.gate_up_proj_blocks        blk.{n}.ffn_gate_up_rows_exps.weight
            =layers.{n}.mlp.experts.gate_up_proj_bias          blk.{n}.ffn_gate_up_exps.bias
            =layers.{n}.mlp.experts.down_proj                  blk.{n}.ffn_down_exps.weight
            =layers.{n}.mlp.experts.down_proj_blocks           blk.{n}.ffn_down_rows_exps.weight
            =layers.{n}.mlp.experts.down_proj_bias             blk.{n}.ffn_down_exps.bias
            """;

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        if (!file.has("layer_types")) {
            c.slide(i -> i % 2 == 0);
        }
        choose(c, file.number(ALPHA).orElse(1.702), file.number(LIMIT).orElse(7));
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        c.slide(file.slides(2));
        c.layers((layer, i) -> layer.withRope(layer.rope().map(GptOss::notTruncated)));
        choose(c, 1.702, 7); // llama.cpp's constants
    }

    /** The ends of YaRN's ramp are not whole pairs, which GGUF files don't say. */
    private static RopeConfig notTruncated(RopeConfig rope) {
        return rope.scaling() instanceof RopeScaling.Yarn y
                ? rope.withScaling(new RopeScaling.Yarn(
                        y.factor(), y.originalContext(), y.betaFast(), y.betaSlow(), y.attentionFactor(), false))
                : rope;
    }

    private static void choose(ModelConfigBuilder c, double alpha, double limit) {
        c.setting(ALPHA, alpha).setting(LIMIT, limit);
        c.moe(moe -> moe.withRouting(moe.routing()
                .withScoring(RoutingSpec.Scoring.LOGIT_THEN_SOFTMAX)
                .notNormalised()));
    }

    @Override
    public void export(GgufExport gguf, ModelConfig c) {
        gguf.splitExperts(Fusion.ALTERNATING_COLUMNS)
                .renamed("ffn_norm", "post_attention_norm")
                .slidingPattern();
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
                        FeedForwards.sparse(c, b, experts(c, b).withGating(gating(c)))));
        return new Decoder(
                embedding,
                blocks,
                w.rmsNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private static Attention attention(ModelConfig c, LayerPlan plan, LayerWeights b) {
        return Attention.of(
                        plan.layer(b.index()),
                        b.qkv("attn_q", "attn_k", "attn_v"),
                        b.linear("attn_output", c.hiddenSize(), c.queryWidth()))
                .withSinks(b.vector("attn_sinks.weight", c.headCount()));
    }

    private static ExpertWeights experts(ModelConfig c, LayerWeights b) {
        var read = b.experts();
        if (b.has("ffn_gate_up_rows_exps")) { // MXFP4
            return read.fused("ffn_gate_up_rows_exps", "ffn_down_rows_exps", Fusion.ALTERNATING_ROWS, c.activation())
                    .withBiases(read.fusedBiases("ffn_gate_up_exps", "ffn_down_exps", Fusion.ALTERNATING_COLUMNS));
        }
        if (b.has("ffn_gate_up_exps")) {
            return read.fused("ffn_gate_up_exps", "ffn_down_exps", Fusion.ALTERNATING_COLUMNS, c.activation())
                    .withBiases(read.fusedBiases("ffn_gate_up_exps", "ffn_down_exps", Fusion.ALTERNATING_COLUMNS));
        }
        return read.stacked("ffn_gate_exps", "ffn_up_exps", "ffn_down_exps", c.activation())
                .withBiases(read.stackedBiases("ffn_gate_exps", "ffn_up_exps", "ffn_down_exps"));
    }

    private static Gating gating(ModelConfig c) {
        double limit = c.setting(LIMIT);
        if (!(limit > 0) || limit > Float.MAX_VALUE || !(Math.abs(c.setting(ALPHA)) < Float.MAX_VALUE)) {
            throw new dev.hearth.format.ModelFormatException(
                    c.place() + ": " + LIMIT, "expected a bound above 0, found " + limit);
        }
        return new Gating.Clamped((float) c.setting(ALPHA), (float) limit);
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
