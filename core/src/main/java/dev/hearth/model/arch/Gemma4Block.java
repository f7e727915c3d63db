package dev.hearth.model.arch;

import dev.hearth.layer.Attention;
import dev.hearth.layer.GatedMlp;
import dev.hearth.layer.PerLayerGate;
import dev.hearth.layer.RmsNorm;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.FeedForwards;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.LayerWeights;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.Step;
import dev.hearth.tensor.Tensor;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A layer of {@link Gemma4}. Rows of the residual hold the hidden state, then the inputs of every layer. */
record Gemma4Block(
        RmsNorm attnNorm,
        Attention attention,
        RmsNorm attnPostNorm,
        RmsNorm mlpNorm,
        GatedMlp mlp,
        Optional<Gemma4Experts> experts,
        RmsNorm mlpPostNorm,
        Optional<PerLayerGate> own,
        int hidden,
        float scale)
        implements DecoderBlock {
    static Gemma4Block of(ModelConfig c, LayerPlan plan, LayerWeights b, int size) {
        int hidden = c.hiddenSize();
        return new Gemma4Block(
                b.rmsNorm("attn_norm", hidden),
                GemmaAttention.of(c, plan, b),
                b.rmsNorm("post_attention_norm", hidden),
                b.rmsNorm("ffn_norm", hidden),
                FeedForwards.dense(c, b),
                b.has("ffn_gate_inp") ? Optional.of(Gemma4Experts.of(c, b)) : Optional.empty(),
                b.rmsNorm("post_ffw_norm", hidden),
                size == 0 ? Optional.empty() : Optional.of(gate(c, b, size)),
                hidden,
                b.number("layer_output_scale", 1));
    }

    private static PerLayerGate gate(ModelConfig c, LayerWeights b, int size) {
        return new PerLayerGate(
                c.activation(),
                b.linear("inp_gate", size, c.hiddenSize()),
                b.linear("proj", c.hiddenSize(), size),
                b.rmsNorm("post_norm", c.hiddenSize()),
                c.hiddenSize() + (long) b.index() * size,
                size);
    }

    @Override
    public @Nullable Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
        Tensor x = residual.columns(0, hidden);
        var h = attnNorm.addThenNorm(x, delta, step);
        h = attnPostNorm.inPlace(attention.forward(h, step), step);
        h = mlpNorm.addThenNorm(x, h, step);
        h = mlp.forward(h, step);
        if (experts.isPresent()) {
            h = experts.get().beside(h, x, step);
        }
        step.ops().add(x, mlpPostNorm.inPlace(h, step));
        own.ifPresent(gate -> step.ops().add(x, gate.forward(residual, x, step)));
        step.ops().scale(x, scale);
        return null;
    }
}
