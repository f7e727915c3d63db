package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.layer.Attention;
import dev.hearth.layer.GatedMlp;
import dev.hearth.layer.RmsNorm;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.GgufExport;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.RopeConfig;
import dev.hearth.model.RopeScaling;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.spi.Activation;
import dev.hearth.spi.RopeSpec;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Gemma 3, text: Gemma 2's norms, each q and k head normed, two rotary bases, no softcap. arXiv:2503.19786, section 2. */
public final class Gemma3 implements Architecture {
    private static final int LAYERS_OF_27B = 62;
    private static final double LOCAL_BASE = 10_000;
    private static final String NAMES = """
            layers.{n}.post_attention_layernorm           blk.{n}.post_attention_norm
            layers.{n}.pre_feedforward_layernorm          blk.{n}.ffn_norm
            layers.{n}.post_feedforward_layernorm         blk.{n}.post_ffw_norm
            """;

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        c.activation(Activation.GELU_TANH)
                .embeddingScale(Math.sqrt(c.hiddenSize()))
                .normOffset(1);
        if (file.flag("use_bidirectional_attention", false)) {
            c.bothWays().windows(w -> w / 2 + 1);
        }
        if (!file.has("layer_types")) {
            int pattern = file.integer("sliding_window_pattern")
                    .orElse(file.integer("_sliding_window_pattern").orElse(6));
            c.slide(i -> (i + 1) % Math.max(1, pattern) != 0);
        }
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        c.activation(Activation.GELU_TANH).embeddingScale(Math.sqrt(c.hiddenSize()));
        double base = file.number("rope.freq_base_swa").orElse(LOCAL_BASE);
        c.slidingRope(new RopeConfig(base, c.headDim(), new RopeScaling.None(), RopeSpec.Pairing.HALVES));
        c.slide(file.slides(6));
        if (!file.flag("attention.causal", true)) {
            c.windows(w -> w / 2 + 1);
        }
        c.attentionScale(scale(c.layerCount(), c.hiddenSize(), c.headCount(), c.headDim()));
    }

    /** What readers take for a scale that GGUF has no key for: of the 27B model the query scalar is hidden / heads. */
    private static double scale(int layers, int hidden, int heads, int headDim) {
        return Math.pow(layers == LAYERS_OF_27B ? hidden / heads : headDim, -0.5);
    }

    @Override
    public void export(GgufExport gguf, ModelConfig c) {
        gguf.slidingPattern()
                .attentionScale("attn_q_norm", scale(c.layerCount(), c.hiddenSize(), c.headCount(), c.headDim()));
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
                        Attention.of(
                                        plan.layer(b.index()),
                                        b.qkv("attn_q", "attn_k", "attn_v"),
                                        b.linear("attn_output", c.hiddenSize(), c.queryWidth()))
                                .withHeadNorm(
                                        b.rmsNorm("attn_q_norm", c.headDim()), b.rmsNorm("attn_k_norm", c.headDim())),
                        b.rmsNorm("post_attention_norm", c.hiddenSize()),
                        b.rmsNorm("ffn_norm", c.hiddenSize()),
                        GatedMlp.of(
                                c.activation(),
                                b.gateUp("ffn_gate", "ffn_up"),
                                b.linear("ffn_down", c.hiddenSize(), c.mlpSize())),
                        b.rmsNorm("post_ffw_norm", c.hiddenSize())));
        return new Decoder(
                embedding,
                blocks,
                w.rmsNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private record Block(
            RmsNorm attnNorm,
            Attention attention,
            RmsNorm attnPostNorm,
            RmsNorm mlpNorm,
            GatedMlp mlp,
            RmsNorm mlpPostNorm)
            implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var h = attnNorm.addThenNorm(residual, delta, step);
            h = attnPostNorm.inPlace(attention.forward(h, step), step);
            h = mlpNorm.addThenNorm(residual, h, step);
            return mlpPostNorm.inPlace(mlp.forward(h, step), step);
        }
    }
}
