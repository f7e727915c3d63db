package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.Attention;
import dev.hearth.layer.FeedForward;
import dev.hearth.layer.Qkv;
import dev.hearth.layer.RmsNorm;
import dev.hearth.layer.TokenMixer;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.DeltaWeights;
import dev.hearth.model.FeedForwards;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.HuggingFaceConfig;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.LayerWeights;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.spi.Activation;
import dev.hearth.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Qwen3-Next and Qwen3.5, text: among layers of linear attention every few of full attention, whose heads' results are gated;
 * dense, or with experts beside a gated shared one. arXiv:2412.06464; arXiv:2505.06708.
 */
public final class Qwen3Next implements Architecture {
    private static final String NAMES = """
            layers.{n}.post_attention_layernorm                blk.{n}.post_attention_norm
            layers.{n}.mlp.shared_expert.gate_proj             blk.{n}.ffn_gate_shexp
            layers.{n}.mlp.shared_expert.up_proj               blk.{n}.ffn_up_shexp
            layers.{n}.mlp.shared_expert.down_proj             blk.{n}.ffn_down_shexp
            layers.{n}.mlp.shared_expert_gate                  blk.{n}.ffn_gate_inp_shexp
            =layers.{n}.mlp.experts.gate_up_proj               blk.{n}.ffn_gate_up_exps.weight
            =layers.{n}.mlp.experts.down_proj                  blk.{n}.ffn_down_exps.weight
            """;
    private static final String PARTIAL = "partial_rotary_factor";

    @Override
    public String tensorNames() {
        return FeedForwards.NAMES + DeltaWeights.NAMES + NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        if (HuggingFaceConfig.activation(file, "hidden_act", "silu") != Activation.SILU) {
            throw new ModelFormatException(file.at("hidden_act"), "expected silu, found another function");
        }
        if (!file.flag("attn_output_gate", true)) {
            throw new ModelFormatException(file.at("attn_output_gate"), "expected true, found false");
        }
        DeltaWeights.configure(c, file);
        c.normOffset(1);
        var rope = file.fields("rope_parameters").orElse(file);
        if (!rope.has(PARTIAL) && !file.has(PARTIAL)) {
            c.rotaryDim(c.headDim() / 4);
        }
        boolean normalised =
                !file.string("model_type").orElse("").equals("qwen3_next") || file.flag("norm_topk_prob", true);
        c.moe(moe -> moe.withRouting(
                normalised ? moe.routing().normalisedWith(0) : moe.routing().notNormalised()));
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        DeltaWeights.configure(c, file);
        if (!file.prefix().equals("qwen3next.")) {
            DeltaWeights.inTurns(c);
        }
        c.firstLayers(c.layerCount() - file.integer("nextn_predict_layers", 0)); // the others guess further ahead
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
        var plan = new LayerPlan(c);
        var delta = new DeltaWeights(c, plan);
        var embedding = w.embedding("token_embd", c.vocabSize(), c.hiddenSize());
        var blocks = w.blocks(
                "blk",
                c.layerCount(),
                b -> new Block(
                        b.rmsNorm("attn_norm", c.hiddenSize()),
                        c.layers().get(b.index()).mixer().attends() ? attention(c, plan, b) : delta.read(b),
                        b.rmsNorm("post_attention_norm", c.hiddenSize()),
                        FeedForwards.of(c, b)));
        return new Decoder(
                embedding,
                blocks,
                w.rmsNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    /** Of each head the rows of its query stand before those of its gate. */
    private static Attention attention(ModelConfig c, LayerPlan plan, LayerWeights b) {
        int dim = c.headDim();
        var queryAndGate = b.grouped("attn_q", c.headCount(), List.of(dim, dim), List.of(1, 1));
        var qkv = new Qkv(
                queryAndGate.get(0),
                b.linear("attn_k", c.keyWidth(), c.hiddenSize()),
                b.linear("attn_v", c.keyWidth(), c.hiddenSize()));
        return Attention.of(plan.layer(b.index()), qkv, b.linear("attn_output", c.hiddenSize(), c.queryWidth()))
                .withHeadNorm(b.rmsNorm("attn_q_norm", dim), b.rmsNorm("attn_k_norm", dim))
                .withGate(queryAndGate.get(1));
    }

    private record Block(RmsNorm norm, TokenMixer mixer, RmsNorm mlpNorm, FeedForward mlp) implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var h = norm.addThenNorm(residual, delta, step);
            h = mixer.forward(h, step);
            h = mlpNorm.addThenNorm(residual, h, step);
            return mlp.forward(h, step);
        }
    }
}
