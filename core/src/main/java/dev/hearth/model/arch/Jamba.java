package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.Attention;
import dev.hearth.layer.FeedForward;
import dev.hearth.layer.RmsNorm;
import dev.hearth.layer.TokenMixer;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.FeedForwards;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.LayerWeights;
import dev.hearth.model.MambaConfig;
import dev.hearth.model.MambaWeights;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Jamba: Mamba layers that norm steps and projections, attention without positions in one of some, experts in one of some. arXiv:2403.19887, section 2. */
public final class Jamba implements Architecture {
    private static final String NAMES = """
            final_layernorm                                    output_norm
            layers.{n}.pre_ff_layernorm                        blk.{n}.ffn_norm
            layers.{n}.feed_forward.router                     blk.{n}.ffn_gate_inp
            layers.{n}.feed_forward.experts.{e}.gate_proj      blk.{n}.ffn_gate_exps
            layers.{n}.feed_forward.experts.{e}.up_proj        blk.{n}.ffn_up_exps
            layers.{n}.feed_forward.experts.{e}.down_proj      blk.{n}.ffn_down_exps
            layers.{n}.feed_forward.gate_proj                  blk.{n}.ffn_gate
            layers.{n}.feed_forward.up_proj                    blk.{n}.ffn_up
            layers.{n}.feed_forward.down_proj                  blk.{n}.ffn_down
            """;

    @Override
    public String tensorNames() {
        return NAMES + MambaWeights.names("mamba");
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        MambaConfig.requireSilu(file, "hidden_act");
        int period = file.integer("attn_layer_period").orElse(8);
        int offset = file.integer("attn_layer_offset").orElse(4);
        if (period < 1 || offset < 0 || offset >= period) {
            throw new ModelFormatException(
                    file.at("attn_layer_period"),
                    "expected a period above the offset of " + offset + ", found " + period);
        }
        c.layers((layer, i) -> i % period == offset ? layer : layer.withMixer(ModelConfig.Mixer.RECURRENT));
        MambaConfig.first(
                c,
                (long) file.integer("mamba_expand").orElse(2) * c.hiddenSize(),
                file.integer("mamba_d_state").orElse(16),
                file.integer("mamba_d_conv").orElse(4),
                MambaConfig.rank(file, "mamba_dt_rank", c.hiddenSize()));
        finish(c, file.integer("num_experts").orElse(0));
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        int[] heads = file.integers("attention.head_count_kv");
        c.layers(
                (layer, i) -> heads.length > i && heads[i] == 0 ? layer.withMixer(ModelConfig.Mixer.RECURRENT) : layer);
        MambaConfig.first(c, file);
        finish(c, file.integer("expert_count", 0));
    }

    private static void finish(ModelConfigBuilder c, int experts) {
        c.withoutRope(i -> true);
        if (experts > 1) {
            c.moe(moe -> moe.withRouting(moe.routing().notNormalised()));
        } else {
            c.withoutExperts();
        }
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
                        mixer(c, plan, b),
                        b.rmsNorm("ffn_norm", c.hiddenSize()),
                        FeedForwards.of(c, b)));
        return new Decoder(
                embedding,
                blocks,
                w.rmsNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private static TokenMixer mixer(ModelConfig c, LayerPlan plan, LayerWeights b) {
        return c.layers().get(b.index()).mixer().recurs()
                ? new MambaWeights(c, b).first(plan.recurrent(b.index()))
                : Attention.of(
                        plan.layer(b.index()),
                        b.qkv("attn_q", "attn_k", "attn_v"),
                        b.linear("attn_output", c.hiddenSize(), c.queryWidth()));
    }

    private record Block(RmsNorm mixerNorm, TokenMixer mixer, RmsNorm mlpNorm, FeedForward mlp)
            implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var h = mixerNorm.addThenNorm(residual, delta, step);
            h = mixer.forward(h, step);
            h = mlpNorm.addThenNorm(residual, h, step);
            return mlp.forward(h, step);
        }
    }
}
