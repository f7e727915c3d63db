package dev.hearth.model;

import dev.hearth.layer.FeedForward;
import dev.hearth.layer.GatedMlp;
import dev.hearth.layer.Linear;
import dev.hearth.layer.Mlp;
import dev.hearth.layer.SparseMoe;
import dev.hearth.spi.ExpertWeights;

/** What follows attention in a layer, by the tensors that the layer has under llama.cpp's names. */
public final class FeedForwards {
    /** What most files of the Hugging Face layout call a router, its bias of the choice, experts and shared ones. */
    public static final String NAMES = """
            layers.{n}.mlp.gate                                blk.{n}.ffn_gate_inp
            =layers.{n}.mlp.gate.e_score_correction_bias       blk.{n}.exp_probs_b.bias
            layers.{n}.mlp.experts.{e}.gate_proj               blk.{n}.ffn_gate_exps
            layers.{n}.mlp.experts.{e}.up_proj                 blk.{n}.ffn_up_exps
            layers.{n}.mlp.experts.{e}.down_proj               blk.{n}.ffn_down_exps
            layers.{n}.mlp.shared_experts.gate_proj            blk.{n}.ffn_gate_shexp
            layers.{n}.mlp.shared_experts.up_proj              blk.{n}.ffn_up_shexp
            layers.{n}.mlp.shared_experts.down_proj            blk.{n}.ffn_down_shexp
            """;

    /** The setting of a configuration that says how wide the vectors are that experts get, where they are not the layer's. */
    public static final String LATENT = "moe_latent_size";

    private FeedForwards() {}

    /** Experts where the layer has a router, else one gated layer. */
    public static FeedForward of(ModelConfig c, LayerWeights b) {
        return b.has("ffn_gate_inp") ? sparse(c, b) : dense(c, b);
    }

    /** One gated layer of the layer's own size. */
    public static GatedMlp dense(ModelConfig c, LayerWeights b) {
        int size = c.layers().get(b.index()).mlpSize();
        return GatedMlp.of(
                c.activation(), b.gateUp("ffn_gate", "ffn_up", size), b.linear("ffn_down", c.hiddenSize(), size));
    }

    /** Experts stacked in a tensor each, or with gate and up rows in one. */
    public static SparseMoe sparse(ModelConfig c, LayerWeights b) {
        return sparse(
                c,
                b,
                b.has("ffn_gate_up_exps")
                        ? b.experts().fused("ffn_gate_up_exps", "ffn_down_exps", Experts.Fusion.ROWS, c.activation())
                        : b.experts("ffn_gate_exps", "ffn_up_exps", "ffn_down_exps", c.activation()));
    }

    /** These experts, with the bias of the choice and the shared expert, gated or not, that the layer has tensors of. */
    public static SparseMoe sparse(ModelConfig c, LayerWeights b, ExpertWeights experts) {
        int size = moe(c).sharedSize();
        SparseMoe layer = routed(c, b, experts);
        if (b.has("ffn_gate_up_shexp")) {
            return layer.withShared(GatedMlp.of(
                    c.activation(),
                    b.fusedGateUp("ffn_gate_up_shexp", size),
                    b.linear("ffn_down_shexp", c.hiddenSize(), size)));
        }
        if (!b.has("ffn_gate_shexp")) {
            return layer;
        }
        if (b.has("ffn_gate_inp_shexp")) {
            return layer.withGatedShared(
                    b.row("ffn_gate_inp_shexp", c.hiddenSize()),
                    b.experts().single("ffn_gate_shexp", "ffn_up_shexp", "ffn_down_shexp", size, c.activation()));
        }
        return layer.withShared(GatedMlp.of(
                c.activation(),
                b.gateUp("ffn_gate_shexp", "ffn_up_shexp", size),
                b.linear("ffn_down_shexp", c.hiddenSize(), size)));
    }

    /** Without gates: experts where the layer has a router, with all that it has tensors of, else one layer. */
    public static FeedForward ungated(ModelConfig c, LayerWeights b) {
        if (!b.has("ffn_gate_inp")) {
            return ungated(c, b, "ffn_up", "ffn_down", c.layers().get(b.index()).mlpSize());
        }
        boolean narrow = b.has("ffn_latent_down");
        int width = narrow ? c.size(LATENT) : c.hiddenSize();
        SparseMoe layer = routed(c, b, b.experts(width).ungated("ffn_up_exps", "ffn_down_exps", c.activation()));
        if (narrow) {
            layer = layer.withLatent(
                    b.linear("ffn_latent_down", width, c.hiddenSize()),
                    b.linear("ffn_latent_up", c.hiddenSize(), width));
        }
        return b.has("ffn_up_shexp")
                ? layer.withShared(ungated(c, b, "ffn_up_shexp", "ffn_down_shexp", moe(c).sharedSize()))
                : layer;
    }

    private static Mlp ungated(ModelConfig c, LayerWeights b, String up, String down, int size) {
        return Mlp.of(c.activation(), b.linear(up, size, c.hiddenSize()), b.linear(down, c.hiddenSize(), size));
    }

    private static SparseMoe routed(ModelConfig c, LayerWeights b, ExpertWeights experts) {
        ModelConfig.Moe moe = moe(c);
        Linear router = b.linear("ffn_gate_inp", moe.expertCount(), c.hiddenSize());
        SparseMoe layer = SparseMoe.of(moe.routing(), router, experts);
        return b.hasTensor("exp_probs_b.bias")
                ? layer.withChoiceBias(b.vector("exp_probs_b.bias", moe.expertCount()))
                : layer;
    }

    private static ModelConfig.Moe moe(ModelConfig c) {
        return c.moe().orElseThrow(() -> c.missing("number of experts"));
    }
}
