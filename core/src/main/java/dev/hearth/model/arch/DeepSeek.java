package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.layer.PreNormBlock;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.FeedForwards;
import dev.hearth.model.GgufExport;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.LatentWeights;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.RopeConfig;
import dev.hearth.model.Weights;
import dev.hearth.spi.RopeSpec.Pairing;
import dev.hearth.spi.RoutingSpec;
import dev.hearth.spi.RoutingSpec.Groups;
import dev.hearth.spi.RoutingSpec.Scoring;
import java.util.function.UnaryOperator;

/** DeepSeek V2 and V3, Kimi K2: latent attention; dense layers first, then experts in groups. arXiv:2405.04434; arXiv:2412.19437. */
public final class DeepSeek implements Architecture {
    private static final String NAMES = """
            layers.{n}.self_attn.q_a_proj                      blk.{n}.attn_q_a
            layers.{n}.self_attn.q_a_layernorm                 blk.{n}.attn_q_a_norm
            layers.{n}.self_attn.q_b_proj                      blk.{n}.attn_q_b
            layers.{n}.self_attn.kv_a_proj_with_mqa            blk.{n}.attn_kv_a_mqa
            layers.{n}.self_attn.kv_a_layernorm                blk.{n}.attn_kv_a_norm
            layers.{n}.self_attn.kv_b_proj                     blk.{n}.attn_kv_b
            """;
    private static final String MAGNITUDE = "rope.scaling.yarn_log_multiplier";
    private static final String EPSILON = "latent_norm_epsilon";
    private static final String VALUE = "attention.value_length_mla";
    private static final String HEAD = "attention.key_length_mla";
    private static final String QUERY = "attention.q_lora_rank";

    @Override
    public String tensorNames() {
        return NAMES + FeedForwards.NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        int rope = file.requiredInteger("qk_rope_head_dim");
        int plain = file.requiredInteger("qk_nope_head_dim");
        var stretch = file.fields("rope_parameters").or(() -> file.fields("rope_scaling"));
        double all = stretch.map(f -> f.number("mscale_all_dim").orElse(0)).orElse(0.0);
        double factor = stretch.map(f -> f.number("factor").orElse(1)).orElse(1.0);
        LatentWeights.configure(
                c, rope, plain, file.requiredInteger("kv_lora_rank"), file.requiredInteger("v_head_dim"));
        scale(c, plain + rope, factor, all);
        c.setting(QUERY, file.integer("q_lora_rank").orElse(0));
        c.setting(EPSILON, 1e-6); // whatever the others'
        c.pairing(file.flag("rope_interleave", true) ? Pairing.NEIGHBOURS : Pairing.HALVES);
        if (file.string("model_type").orElse("").equals("deepseek_v2")) {
            boolean greedy = file.string("topk_method").orElse("").equals("greedy");
            routing(c, r -> greedy ? r.withGroups(Groups.NONE).notNormalised() : r.notNormalised());
        } else {
            routing(c, r -> third(r, file.flag("norm_topk_prob", true)));
        }
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        int rope = file.required("rope.dimension_count");
        int head = file.required(file.has(HEAD) ? HEAD : "attention.key_length");
        int value = file.required(file.has(VALUE) ? VALUE : "attention.value_length");
        LatentWeights.configure(c, rope, head - rope, file.required("attention.kv_lora_rank"), value);
        double all = 10 * file.number(MAGNITUDE).orElse(0);
        scale(c, head, file.positive("rope.scaling.factor", 1), all);
        if (all != 0) { // no attention factor is left then
            c.layers((layer, i) -> layer.withRope(layer.rope().map(RopeConfig::withoutMagnitude)));
        }
        c.setting(QUERY, file.integer(QUERY, 0));
        c.pairing(Pairing.NEIGHBOURS);
        boolean normalised = file.flag("expert_weights_norm", false);
        routing(c, r -> r.scoring() == Scoring.SIGMOID ? third(r, normalised) : normalised ? r : r.notNormalised());
        c.firstLayers(c.layerCount() - file.integer("nextn_predict_layers", 0));
    }

    private static void routing(ModelConfigBuilder c, UnaryOperator<RoutingSpec> change) {
        c.moe(moe -> moe.withRouting(change.apply(moe.routing())));
    }

    private static void scale(ModelConfigBuilder c, int head, double factor, double mscale) {
        double magnitude = mscale == 0 ? 1 : RopeConfig.yarnMagnitude(factor, mscale);
        c.setting(MAGNITUDE, mscale / 10); // as the converter of llama.cpp has it
        c.attentionScale(magnitude * magnitude / Math.sqrt(head));
    }

    /** The third version's choice. */
    private static RoutingSpec third(RoutingSpec routing, boolean normalised) {
        var sigmoids = routing.withScoring(Scoring.SIGMOID).rankedByTwo();
        return normalised ? sigmoids.normalisedWith(1e-20f) : sigmoids.notNormalised();
    }

    @Override
    public void export(GgufExport gguf, ModelConfig c) {
        gguf.latentAttention(LatentWeights.shape(c), (int) c.setting(QUERY)).denseLayersFirst();
        gguf.number(MAGNITUDE, c.setting(MAGNITUDE));
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
        var plan = new LayerPlan(c);
        var shape = LatentWeights.shape(c);
        int queryLatent = (int) c.setting(QUERY);
        double epsilon = c.setting(EPSILON, c.normEpsilon());
        var embedding = w.embedding("token_embd", c.vocabSize(), c.hiddenSize());
        var blocks = w.blocks(
                "blk",
                c.layerCount(),
                b -> new PreNormBlock(
                        b.rmsNorm("attn_norm", c.hiddenSize()),
                        new LatentWeights(b, shape, c.hiddenSize(), epsilon).read(plan.layer(b.index()), queryLatent),
                        b.rmsNorm("ffn_norm", c.hiddenSize()),
                        FeedForwards.of(c, b)));
        return new Decoder(
                embedding,
                blocks,
                w.rmsNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }
}
