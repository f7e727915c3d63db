package dev.hearth.model;

import dev.hearth.layer.FeedForward;
import dev.hearth.layer.GatedMlp;
import dev.hearth.layer.SparseMoe;

/** What follows attention in a layer, by the tensors that the layer has under llama.cpp's names. */
public final class FeedForwards {
    private FeedForwards() {}

    /** Experts where the layer has a router, else one gated layer. */
    public static FeedForward of(ModelConfig c, Weights.Layer b) {
        return b.has("ffn_gate_inp") ? sparse(c, b) : dense(c, b);
    }

    /** One gated layer of the layer's own size. */
    public static GatedMlp dense(ModelConfig c, Weights.Layer b) {
        int size = c.layers().get(b.index()).mlpSize();
        return GatedMlp.of(
                c.activation(), b.gateUp("ffn_gate", "ffn_up", size), b.linear("ffn_down", c.hiddenSize(), size));
    }

    /** Experts stacked in a tensor each, with what {@link #complete} adds. */
    public static SparseMoe sparse(ModelConfig c, Weights.Layer b) {
        ModelConfig.Moe moe = c.moe().orElseThrow(() -> c.missing("number of experts"));
        return complete(
                c,
                b,
                SparseMoe.of(
                        moe.routing(),
                        b.linear("ffn_gate_inp", moe.expertCount(), c.hiddenSize()),
                        b.experts("ffn_gate_exps", "ffn_up_exps", "ffn_down_exps", c.activation())));
    }

    /** Adds the bias of the choice and the shared expert, gated or not, that the layer has tensors of. */
    public static SparseMoe complete(ModelConfig c, Weights.Layer b, SparseMoe experts) {
        ModelConfig.Moe moe = c.moe().orElseThrow(() -> c.missing("number of experts"));
        SparseMoe complete = b.hasTensor("exp_probs_b.bias")
                ? experts.withChoiceBias(b.vector("exp_probs_b.bias", moe.expertCount()))
                : experts;
        int size = moe.sharedSize();
        if (!b.has("ffn_gate_shexp")) {
            return complete;
        }
        if (b.has("ffn_gate_inp_shexp")) {
            return complete.withGatedShared(
                    b.row("ffn_gate_inp_shexp", c.hiddenSize()),
                    b.experts().single("ffn_gate_shexp", "ffn_up_shexp", "ffn_down_shexp", size, c.activation()));
        }
        return complete.withShared(GatedMlp.of(
                c.activation(),
                b.gateUp("ffn_gate_shexp", "ffn_up_shexp", size),
                b.linear("ffn_down_shexp", c.hiddenSize(), size)));
    }
}
