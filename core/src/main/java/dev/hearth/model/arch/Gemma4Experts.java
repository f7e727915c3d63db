package dev.hearth.model.arch;

import dev.hearth.layer.Norm;
import dev.hearth.layer.RmsNorm;
import dev.hearth.layer.SparseMoe;
import dev.hearth.model.Experts.Fusion;
import dev.hearth.model.LayerWeights;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.Step;
import dev.hearth.tensor.Tensor;

/** Experts of a {@link Gemma4} layer beside its feed-forward layer. Both, and the router, see the residual behind norms of their own. */
record Gemma4Experts(
        Norm mlpPostNorm, Norm routerNorm, float routerScale, Norm expertNorm, SparseMoe moe, Norm expertPostNorm) {
    static Gemma4Experts of(ModelConfig c, LayerWeights b) {
        int hidden = c.hiddenSize();
        ModelConfig.Moe moe = c.moe().orElseThrow(() -> c.missing("number of experts"));
        return new Gemma4Experts(
                b.rmsNorm("post_ffw_norm_1", hidden),
                new RmsNorm(b.vector("ffn_gate_inp.scale", hidden), hidden, c.normEpsilon()),
                (float) (1 / Math.sqrt(hidden)),
                b.rmsNorm("pre_ffw_norm_2", hidden),
                SparseMoe.of(
                                moe.routing(),
                                b.linear("ffn_gate_inp", moe.expertCount(), hidden),
                                b.experts().fused("ffn_gate_up_exps", "ffn_down_exps", Fusion.ROWS, c.activation()))
                        .withExpertScales(b.column("ffn_down_exps.scale", moe.expertCount())),
                b.rmsNorm("post_ffw_norm_2", hidden));
    }

    /** What the feed-forward layer gives, and what the experts make of the residual; all [tokens, hidden]. */
    Tensor beside(Tensor mlp, Tensor residual, Step step) {
        var sum = mlpPostNorm.inPlace(mlp, step);
        var judged = routerNorm.addThenNorm(residual, null, step);
        step.ops().scale(judged, routerScale);
        var h = moe.forward(expertNorm.addThenNorm(residual, null, step), judged, step);
        step.ops().add(sum, expertPostNorm.inPlace(h, step));
        return sum;
    }
}
