package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.layer.Attention;
import dev.hearth.layer.RmsNorm;
import dev.hearth.layer.TokenMixer;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.FeedForwards;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.HuggingFaceConfig;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.LayerWeights;
import dev.hearth.model.MambaConfig;
import dev.hearth.model.MambaWeights;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.spi.Activation;
import dev.hearth.spi.RoutingSpec;
import dev.hearth.tensor.Tensor;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/** Nemotron-H and Nemotron 3: layers of one part each, Mamba 2, attention without positions, or a feed-forward layer or experts without gate. arXiv:2504.03624, section 2. */
public final class NemotronH implements Architecture {
    private static final String NAMES = """
            embeddings                                       token_embd
            norm_f                                           output_norm
            layers.{n}.norm                                  blk.{n}.attn_norm
            layers.{n}.mixer.q_proj                          blk.{n}.attn_q
            layers.{n}.mixer.k_proj                          blk.{n}.attn_k
            layers.{n}.mixer.v_proj                          blk.{n}.attn_v
            layers.{n}.mixer.o_proj                          blk.{n}.attn_output
            layers.{n}.mixer.up_proj                         blk.{n}.ffn_up
            layers.{n}.mixer.down_proj                       blk.{n}.ffn_down
            layers.{n}.mixer.gate                            blk.{n}.ffn_gate_inp
            =layers.{n}.mixer.gate.e_score_correction_bias   blk.{n}.exp_probs_b.bias
            layers.{n}.mixer.experts.{e}.up_proj             blk.{n}.ffn_up_exps
            layers.{n}.mixer.experts.{e}.down_proj           blk.{n}.ffn_down_exps
            layers.{n}.mixer.shared_experts.up_proj          blk.{n}.ffn_up_shexp
            layers.{n}.mixer.shared_experts.down_proj        blk.{n}.ffn_down_shexp
            layers.{n}.mixer.fc1_latent_proj                 blk.{n}.ffn_latent_down
            layers.{n}.mixer.fc2_latent_proj                 blk.{n}.ffn_latent_up
            """;

    @Override
    public String tensorNames() {
        return NAMES + MambaWeights.names("mixer");
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        MambaConfig.requireSilu(file, "mamba_hidden_act");
        MambaConfig.mixers(
                c, file, EnumSet.of(ModelConfig.Mixer.RECURRENT, ModelConfig.Mixer.ATTENTION, ModelConfig.Mixer.NONE));
        int dim = file.integer("head_dim")
                .orElse(file.integer("attention_head_dim").orElse(128));
        c.heads(c.headCount(), c.kvHeadCount(), dim)
                .withoutRope(i -> true)
                .normEpsilon(file.number("layer_norm_epsilon").orElse(1e-5))
                .activation(HuggingFaceConfig.activation(file, "mlp_hidden_act", "relu2"));
        int heads = file.integer("mamba_num_heads").orElse(128);
        MambaConfig.second(
                c,
                (long) heads * file.integer("mamba_head_dim").orElse(64),
                heads,
                file.integer("n_groups").orElse(file.integer("mamba_n_groups").orElse(8)),
                file.integer("ssm_state_size").orElse(128),
                file.integer("conv_kernel").orElse(file.integer("mamba_d_conv").orElse(4)));
        MambaConfig.leastStep(
                c,
                file.number("time_step_min").orElse(file.number("mamba_dt_min").orElse(0.001)));
        c.setting(FeedForwards.LATENT, file.integer(FeedForwards.LATENT).orElse(c.hiddenSize()));
        int shared = file.integer("moe_shared_expert_intermediate_size").orElse(0);
        boolean normalised = file.flag("norm_topk_prob", true);
        c.moe(moe -> moe.withSharedSize(shared).withRouting(judged(moe.routing(), normalised)));
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        MambaConfig.second(c, file);
        int[] heads = file.integers("attention.head_count_kv");
        int[] sizes = file.integers("feed_forward_length");
        c.mlpSize(1).layers((layer, i) -> {
            boolean feedsForward = sizes.length > i && sizes[i] > 0;
            boolean attends = heads.length > i && heads[i] > 0;
            return layer.withMlpSize(feedsForward ? sizes[i] : layer.mlpSize())
                    .withMixer(
                            feedsForward
                                    ? ModelConfig.Mixer.NONE
                                    : attends ? ModelConfig.Mixer.ATTENTION : ModelConfig.Mixer.RECURRENT);
        });
        c.withoutRope(i -> true)
                .activation(Activation.RELU_SQUARED)
                .setting(FeedForwards.LATENT, file.integer(FeedForwards.LATENT, c.hiddenSize()));
        c.moe(moe -> moe.withRouting(judged(moe.routing(), file.flag("expert_weights_norm", false))));
        c.firstLayers(c.layerCount() - file.integer("nextn_predict_layers", 0)); // the others guess further ahead
    }

    private static RoutingSpec judged(RoutingSpec routing, boolean normalised) {
        var sigmoids = routing.withScoring(RoutingSpec.Scoring.SIGMOID).rankedByTwo();
        return normalised ? sigmoids.normalisedWith(1e-20f) : sigmoids.notNormalised();
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
        var plan = new LayerPlan(c);
        var embedding = w.embedding("token_embd", c.vocabSize(), c.hiddenSize());
        var blocks = w.blocks(
                "blk", c.layerCount(), b -> new Block(b.rmsNorm("attn_norm", c.hiddenSize()), part(c, plan, b)));
        return new Decoder(
                embedding,
                blocks,
                w.rmsNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private static TokenMixer part(ModelConfig c, LayerPlan plan, LayerWeights b) {
        return switch (c.layers().get(b.index()).mixer()) {
            case RECURRENT, BOTH -> {
                var weights = new MambaWeights(c, b);
                yield weights.second(plan.recurrent(b.index())).withNorm(weights.groupNorms());
            }
            case ATTENTION ->
                Attention.of(
                        plan.layer(b.index()),
                        b.qkv("attn_q", "attn_k", "attn_v"),
                        b.linear("attn_output", c.hiddenSize(), c.queryWidth()));
            case SHARED, NONE -> FeedForwards.ungated(c, b)::forward;
        };
    }

    private record Block(RmsNorm norm, TokenMixer part) implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            return part.forward(norm.addThenNorm(residual, delta, step), step);
        }
    }
}
