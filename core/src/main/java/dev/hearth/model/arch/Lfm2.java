package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.Attention;
import dev.hearth.layer.FeedForward;
import dev.hearth.layer.RmsNorm;
import dev.hearth.layer.ShortConvolution;
import dev.hearth.layer.TokenMixer;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.FeedForwards;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.HuggingFaceConfig;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.LayerWeights;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.spi.ConvolutionSpec;
import dev.hearth.spi.RoutingSpec.Scoring;
import dev.hearth.tensor.Tensor;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** LFM2, dense and mixture of experts: gated short convolutions, among them layers of attention with normed heads. arXiv:2511.23404, section 2. */
public final class Lfm2 implements Architecture {
    private static final String NAMES = """
            embedding_norm                                token_embd_norm
            layers.{n}.operator_norm                      blk.{n}.attn_norm
            layers.{n}.ffn_norm                           blk.{n}.ffn_norm
            layers.{n}.conv.in_proj                       blk.{n}.shortconv.in_proj
            layers.{n}.conv.conv                          blk.{n}.shortconv.conv
            layers.{n}.conv.out_proj                      blk.{n}.shortconv.out_proj
            layers.{n}.self_attn.out_proj                 blk.{n}.attn_output
            layers.{n}.self_attn.q_layernorm              blk.{n}.attn_q_norm
            layers.{n}.self_attn.k_layernorm              blk.{n}.attn_k_norm
            layers.{n}.feed_forward.w1                    blk.{n}.ffn_gate
            layers.{n}.feed_forward.w3                    blk.{n}.ffn_up
            layers.{n}.feed_forward.w2                    blk.{n}.ffn_down
            layers.{n}.feed_forward.gate                  blk.{n}.ffn_gate_inp
            =layers.{n}.feed_forward.expert_bias          blk.{n}.exp_probs_b.bias
            layers.{n}.feed_forward.experts.{e}.w1        blk.{n}.ffn_gate_exps
            layers.{n}.feed_forward.experts.{e}.w3        blk.{n}.ffn_up_exps
            layers.{n}.feed_forward.experts.{e}.w2        blk.{n}.ffn_down_exps
            """;
    private static final String KERNEL = "shortconv.l_cache";

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        convolve(c, convolves(file), file.integer("conv_L_cache").orElse(3));
        if (!file.has("rope_theta") && !file.has("rope_parameters")) {
            c.ropes(r -> r.withBase(1e6));
        }
        c.normEpsilon(file.number("norm_eps").orElse(1e-5));
        if (file.string("model_type").orElse("").equals("lfm2_moe")) {
            boolean normalised = file.flag("norm_topk_prob", true);
            c.moe(moe -> {
                var routing = moe.routing().withScoring(Scoring.SIGMOID);
                return moe.withRouting(normalised ? routing.normalisedWith(1e-6f) : routing.notNormalised());
            });
        } else {
            c.mlpSize(mlpSize(c, file));
        }
    }

    private static IntPredicate convolves(Fields file) {
        var attending = file.numbers("full_attn_idxs");
        return HuggingFaceConfig.layersOfType(file, "conv", "full_attention")
                .orElse(i -> attending.isPresent() && !attending.get().contains((double) i));
    }

    /** Two thirds of the size in the file, rounded up, unless that is meant as it stands. */
    private static int mlpSize(ModelConfigBuilder c, Fields file) {
        double size = file.integer("block_ff_dim").orElse(c.mlpSize());
        if (!file.flag("block_auto_adjust_ff_dim", true)) {
            return (int) size;
        }
        double multiple = file.integer("block_multiple_of").orElse(256);
        if (multiple < 1) {
            throw new ModelFormatException(file.at("block_multiple_of"), "expected at least 1, found " + multiple);
        }
        size = Math.floor(file.number("block_ffn_dim_multiplier").orElse(1) * Math.floor(2 * size / 3));
        return (int) (multiple * Math.ceil(size / multiple));
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        int[] keyHeads = file.integers("attention.head_count_kv");
        convolve(c, i -> keyHeads.length > 1 && i < keyHeads.length && keyHeads[i] == 0, file.required(KERNEL));
    }

    private static void convolve(ModelConfigBuilder c, IntPredicate chosen, int kernel) {
        c.setting(KERNEL, kernel).recur(chosen, c.hiddenSize() * (kernel - 1.0));
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
                        c.layers().get(b.index()).mixer().attends() ? attention(c, plan, b) : convolution(c, plan, b),
                        b.rmsNorm("ffn_norm", c.hiddenSize()),
                        FeedForwards.of(c, b)));
        var norm = w.rmsNorm(w.has("output_norm") ? "output_norm" : "token_embd_norm", c.hiddenSize());
        return new Decoder(embedding, blocks, norm, w.headOrTied("output", embedding), plan.groups());
    }

    private static TokenMixer attention(ModelConfig c, LayerPlan plan, LayerWeights b) {
        return Attention.of(
                        plan.layer(b.index()),
                        b.qkv("attn_q", "attn_k", "attn_v"),
                        b.linear("attn_output", c.hiddenSize(), c.queryWidth()))
                .withHeadNorm(b.rmsNorm("attn_q_norm", c.headDim()), b.rmsNorm("attn_k_norm", c.headDim()));
    }

    private static TokenMixer convolution(ModelConfig c, LayerPlan plan, LayerWeights b) {
        int hidden = c.hiddenSize();
        return new ShortConvolution(
                b.linear("shortconv.in_proj", 3 * hidden, hidden),
                b.convolution(
                        plan.recurrent(b.index()),
                        "shortconv.conv",
                        hidden,
                        new ConvolutionSpec(c.size(KERNEL), false, 0)),
                b.linear("shortconv.out_proj", hidden, hidden));
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
