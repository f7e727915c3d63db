package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.layer.Attention;
import dev.hearth.layer.GatedMlp;
import dev.hearth.layer.LayerNorm;
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
import dev.hearth.spi.RopeSpec;
import dev.hearth.tensor.Tensor;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Command R7B and A: attention and feed-forward side by side behind one layer norm; three layers of four slide and rotate
 * neighbouring pairs, the fourth sees all and encodes no positions. arXiv:2504.00698, section 2.
 */
public final class Cohere2 implements Architecture {
    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        c.pairing(RopeSpec.Pairing.NEIGHBOURS);
        if (!file.has("layer_types")) {
            int every = Math.max(1, file.integer("sliding_window_pattern").orElse(4));
            c.slide(i -> (i + 1) % every != 0);
        }
        c.layers((layer, i) -> layer.window() == AttentionSpec.NO_WINDOW ? layer.withRope(Optional.empty()) : layer);
        c.logitScale(file.number("logit_scale").orElse(0.0625));
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        c.pairing(RopeSpec.Pairing.NEIGHBOURS);
        c.slide(file.slides(4)).withoutRope(file.slides(4).negate());
        file.number("logit_scale").ifPresent(c::logitScale);
    }

    @Override
    public void export(GgufExport gguf, ModelConfig c) {
        gguf.slidingPattern().layerNorms().number("logit_scale", c.logitScale());
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
        var plan = new LayerPlan(c);
        var embedding = w.embedding("token_embd", c.vocabSize(), c.hiddenSize());
        var blocks = w.blocks(
                "blk",
                c.layerCount(),
                b -> new Block(
                        b.layerNorm("attn_norm", c.hiddenSize()),
                        Attention.of(
                                plan.layer(b.index()),
                                b.qkv("attn_q", "attn_k", "attn_v"),
                                b.linear("attn_output", c.hiddenSize(), c.queryWidth())),
                        GatedMlp.of(
                                c.activation(),
                                b.gateUp("ffn_gate", "ffn_up"),
                                b.linear("ffn_down", c.hiddenSize(), c.mlpSize()))));
        return new Decoder(
                embedding,
                blocks,
                w.layerNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private record Block(LayerNorm norm, Attention attention, GatedMlp mlp) implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var x = norm.addThenNorm(residual, delta, step);
            var h = attention.forward(x, step);
            step.ops().add(h, mlp.forward(x, step));
            return h;
        }
    }
}
