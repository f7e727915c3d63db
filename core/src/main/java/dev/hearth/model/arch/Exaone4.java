package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
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
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.tensor.Tensor;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * EXAONE 4: each part normed after it rather than before, each query and key head normed; models with a window encode positions
 * in sliding layers only. arXiv:2507.11407, section 2.
 */
public final class Exaone4 implements Architecture {
    private static final int LAYERS_OF_32B = 64; // the only one with a window

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
        boolean windows = file.has("sliding_window");
        IntPredicate slides = i -> windows && pattern(file).test(i);
        if (!file.has("layer_types")) {
            c.slide(slides);
        }
        if (windows) {
            c.layers(
                    (layer, i) -> layer.window() == AttentionSpec.NO_WINDOW ? layer.withRope(Optional.empty()) : layer);
        }
    }

    /** Which layers slide: all but every n-th, or as letters say, L for a layer that slides. */
    private static IntPredicate pattern(Fields file) {
        if (file.get("sliding_window_pattern").orElse(null) instanceof Json.Str letters
                && !letters.value().isEmpty()) {
            String s = letters.value();
            return i -> s.charAt(i % s.length()) == 'L';
        }
        int every = Math.max(1, file.integer("sliding_window_pattern").orElse(4));
        return i -> (i + 1) % every != 0;
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        boolean windows = c.layerCount() == LAYERS_OF_32B;
        IntPredicate slides = file.slides(4);
        c.slide(i -> windows && slides.test(i));
        if (windows) {
            c.withoutRope(i -> !slides.test(i));
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
                                        b.rmsNorm("attn_q_norm", c.headDim()), b.rmsNorm("attn_k_norm", c.headDim())),
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
