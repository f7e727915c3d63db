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
import dev.hearth.model.RopeScaling;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * OLMo 2 and 3: each part normed after it rather than before, queries and keys normed whole; OLMo 3 slides in three layers of
 * four, which keep the unscaled rotation. arXiv:2501.00656, section 2; arXiv:2512.13961, section 3.
 */
public final class Olmo2 implements Architecture {
    private static final String NAMES = """
            layers.{n}.post_attention_layernorm           blk.{n}.post_attention_norm
            layers.{n}.post_feedforward_layernorm         blk.{n}.post_ffw_norm
            """;

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        if (file.string("model_type").orElse("").equals("olmo2")) {
            c.slide(i -> false);
            return;
        }
        if (!file.has("rope_local_base_freq") && file.fields("rope_parameters").isEmpty()) {
            c.slidingRopes(r -> r.withScaling(new RopeScaling.None()));
        }
        if (!file.has("layer_types")) {
            c.slide(i -> (i + 1) % 4 != 0);
        }
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        c.slidingRopes(r -> r.withScaling(new RopeScaling.None()));
        if (file.integer("attention.sliding_window", 0) > 0) {
            c.slide(file.slides(4));
        }
    }

    @Override
    public void export(GgufExport gguf, ModelConfig c) {
        gguf.slidingPattern();
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
        var plan = new LayerPlan(c);
        var embedding = w.embedding("token_embd", c.vocabSize(), c.hiddenSize());
        var blocks = w.blocks(
                "blk",
                c.layerCount(),
                b -> new Block(
                        Attention.of(
                                        plan.layer(b.index()),
                                        b.qkv("attn_q", "attn_k", "attn_v"),
                                        b.linear("attn_output", c.hiddenSize(), c.queryWidth()))
                                .withHeadNorm(
                                        b.rmsNorm("attn_q_norm", c.queryWidth()),
                                        b.rmsNorm("attn_k_norm", c.keyWidth())),
                        b.rmsNorm("post_attention_norm", c.hiddenSize()),
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

    private record Block(Attention attention, RmsNorm attnPostNorm, GatedMlp mlp, RmsNorm mlpPostNorm)
            implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            if (delta != null) {
                step.ops().add(residual, delta);
            }
            var h = attnPostNorm.inPlace(attention.forward(residual, step), step);
            step.ops().add(residual, h);
            return mlpPostNorm.inPlace(mlp.forward(residual, step), step);
        }
    }
}
