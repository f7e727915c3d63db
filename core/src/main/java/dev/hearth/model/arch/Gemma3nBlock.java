package dev.hearth.model.arch;

import dev.hearth.layer.AltUp;
import dev.hearth.layer.Attention;
import dev.hearth.layer.GatedMlp;
import dev.hearth.layer.Laurel;
import dev.hearth.layer.PerLayerGate;
import dev.hearth.layer.RmsNorm;
import dev.hearth.model.AltUpWeights;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.FeedForwards;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.LayerWeights;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.Step;
import dev.hearth.spi.RowFunction;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A layer of {@link Gemma3n}. Rows of the residual hold the streams, then the inputs of every layer. */
record Gemma3nBlock(
        AltUp altUp,
        RmsNorm attnNorm,
        Laurel laurel,
        Attention attention,
        RmsNorm attnPostNorm,
        RmsNorm mlpNorm,
        GatedMlp mlp,
        RmsNorm mlpPostNorm,
        PerLayerGate own)
        implements DecoderBlock {
    private static final float HALF_POWER = (float) Math.sqrt(0.5);

    static Gemma3nBlock of(ModelConfig c, LayerPlan plan, LayerWeights b, AltUp.Sizes sizes, int size) {
        int hidden = c.hiddenSize();
        float deviations = c.numbers(Gemma3n.SPARSITY).get(b.index()).floatValue();
        GatedMlp mlp = FeedForwards.dense(c, b);
        var altUp = new AltUpWeights(b, sizes);
        return new Gemma3nBlock(
                c.flag(Gemma3n.SCALED) ? altUp.readScaled() : altUp.read(),
                b.rmsNorm("attn_norm", hidden),
                new Laurel(
                        b.linear("laurel_l", c.size(Gemma3n.RANK), hidden),
                        b.linear("laurel_r", hidden, c.size(Gemma3n.RANK)),
                        b.rmsNorm("laurel_post_norm", hidden)),
                GemmaAttention.of(c, plan, b),
                b.rmsNorm("post_attention_norm", hidden),
                b.rmsNorm("ffn_norm", hidden),
                Float.isFinite(deviations) ? mlp.withGateFunction(new RowFunction.Sparse(deviations)) : mlp,
                b.rmsNorm("post_ffw_norm", hidden),
                new PerLayerGate(
                        c.activation(),
                        b.linear("inp_gate", size, hidden),
                        b.linear("proj", hidden, size),
                        b.rmsNorm("post_norm", hidden),
                        sizes.width() + (long) b.index() * size,
                        size));
    }

    @Override
    public @Nullable Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
        AltUp.Sizes sizes = altUp.sizes();
        Tensor streams = residual.columns(0, sizes.width());
        Tensor predicted = altUp.predicted(streams, step);
        Tensor x = sizes.stream(predicted, sizes.count());
        var h = attnNorm.addThenNorm(x, null, step);
        var augmented = laurel.forward(h, step);
        step.ops().add(x, attnPostNorm.inPlace(attention.forward(h, step), step));
        step.ops().add(x, augmented);
        step.ops().scale(x, HALF_POWER);
        h = mlpNorm.addThenNorm(x, null, step);
        step.ops().add(x, mlpPostNorm.inPlace(mlp.forward(h, step), step));
        h = altUp.corrected(streams, predicted, step);
        h = own.forward(residual, h, step);
        for (int i = 1; i < sizes.count(); i++) {
            step.ops().add(sizes.stream(streams, i), h);
        }
        return null;
    }
}
