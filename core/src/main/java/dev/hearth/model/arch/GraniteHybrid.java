package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.Attention;
import dev.hearth.layer.FeedForward;
import dev.hearth.layer.GatedMlp;
import dev.hearth.layer.RmsNorm;
import dev.hearth.layer.TokenMixer;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.Experts;
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
import dev.hearth.spi.RopeSpec;
import dev.hearth.spi.RoutingSpec;
import dev.hearth.tensor.Tensor;
import java.util.EnumSet;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Granite 4: Mamba 2 in most layers, Granite's factors, experts beside a shared layer or that alone. IBM 2025, Granite 4.0 model cards. */
public final class GraniteHybrid implements Architecture {
    private static final String RESIDUAL_SCALE = "residual_scale";
    private static final String NAMES = """
            layers.{n}.block_sparse_moe.router.layer     blk.{n}.ffn_gate_inp
            layers.{n}.block_sparse_moe.input_linear     blk.{n}.ffn_gate_up_exps
            layers.{n}.block_sparse_moe.output_linear    blk.{n}.ffn_down_exps
            layers.{n}.shared_mlp.input_linear           blk.{n}.ffn_gate_up_shexp
            layers.{n}.shared_mlp.output_linear          blk.{n}.ffn_down_shexp
            """;

    @Override
    public String tensorNames() {
        return NAMES + MambaWeights.names("mamba");
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        MambaConfig.requireSilu(file, "hidden_act");
        MambaConfig.hybrid(c, file, OptionalInt.empty());
        MambaConfig.mixers(c, file, EnumSet.of(ModelConfig.Mixer.RECURRENT, ModelConfig.Mixer.ATTENTION));
        String positions = file.string("position_embedding_type").orElse("nope");
        if (!positions.equals("rope") && !positions.equals("nope")) {
            throw new ModelFormatException(
                    file.at("position_embedding_type"), "expected rope or nope, found " + positions);
        }
        c.withoutRope(i -> positions.equals("nope"))
                .embeddingScale(file.number("embedding_multiplier").orElse(1))
                .attentionScale(file.number("attention_multiplier").orElse(1))
                .setting(RESIDUAL_SCALE, file.number("residual_multiplier").orElse(1))
                .logitScale(1 / file.number("logits_scaling").orElse(1));
        c.moe(moe -> moe.withRouting(moe.routing().withScoring(RoutingSpec.Scoring.LOGIT_THEN_SOFTMAX)));
        if (file.integer("num_local_experts").orElse(0) == 0) {
            c.mlpSize(file.integer("shared_intermediate_size").orElse(1024));
        }
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        MambaConfig.second(c, file);
        int[] heads = file.integers("attention.head_count_kv");
        c.layers(
                (layer, i) -> heads.length > i && heads[i] == 0 ? layer.withMixer(ModelConfig.Mixer.RECURRENT) : layer);
        boolean turns = file.flag("rope.scaling.finetuned", true); // so llama.cpp says it
        c.pairing(RopeSpec.Pairing.NEIGHBOURS).withoutRope(i -> !turns);
        file.number("embedding_scale").ifPresent(c::embeddingScale);
        file.number("attention.scale").ifPresent(c::attentionScale);
        file.number("residual_scale").ifPresent(m -> c.setting(RESIDUAL_SCALE, m));
        file.number("logit_scale").ifPresent(s -> c.logitScale(1 / s));
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
        float scale = (float) c.setting(RESIDUAL_SCALE, 1);
        var plan = new LayerPlan(c);
        var embedding = w.embedding("token_embd", c.vocabSize(), c.hiddenSize());
        var blocks = w.blocks(
                "blk",
                c.layerCount(),
                b -> new Block(
                        b.rmsNorm("attn_norm", c.hiddenSize()),
                        mixer(c, plan, b),
                        b.rmsNorm("ffn_norm", c.hiddenSize()),
                        feedForward(c, b),
                        scale));
        return new Decoder(
                embedding,
                blocks,
                w.rmsNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private static TokenMixer mixer(ModelConfig c, LayerPlan plan, LayerWeights b) {
        if (c.layers().get(b.index()).mixer().recurs()) {
            var weights = new MambaWeights(c, b);
            return weights.second(plan.recurrent(b.index())).withNorm(weights.groupNorms());
        }
        return Attention.of(
                plan.layer(b.index()),
                b.qkv("attn_q", "attn_k", "attn_v"),
                b.linear("attn_output", c.hiddenSize(), c.queryWidth()));
    }

    private static FeedForward feedForward(ModelConfig c, LayerWeights b) {
        if (b.has("ffn_gate_up_exps")) {
            var experts = b.experts().fused("ffn_gate_up_exps", "ffn_down_exps", Experts.Fusion.ROWS, c.activation());
            return FeedForwards.sparse(c, b, experts);
        }
        if (b.has("ffn_gate_up_shexp")) {
            return GatedMlp.of(
                    c.activation(),
                    b.fusedGateUp("ffn_gate_up_shexp"),
                    b.linear("ffn_down_shexp", c.hiddenSize(), c.mlpSize()));
        }
        return FeedForwards.of(c, b);
    }

    private record Block(RmsNorm mixerNorm, TokenMixer mixer, RmsNorm mlpNorm, FeedForward mlp, float residualScale)
            implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var h = mixer.forward(mixerNorm.addThenNorm(residual, delta, step), step);
            step.ops().scale(h, residualScale);
            h = mlp.forward(mlpNorm.addThenNorm(residual, h, step), step);
            step.ops().scale(h, residualScale);
            return h;
        }
    }
}
