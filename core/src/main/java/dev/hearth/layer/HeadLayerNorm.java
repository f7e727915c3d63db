package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A layer norm of each head that has weights of its own for each.
 *
 * @param norm of each head, without weights
 * @param weights F32 [heads * head dim]
 */
public record HeadLayerNorm(LayerNorm norm, Weight weights) implements Norm {
    @Override
    public Tensor addThenNorm(Tensor residual, @Nullable Tensor delta, Step step) {
        Tensor out = norm.addThenNorm(residual, delta, step);
        step.ops().scale(out, weights);
        return out;
    }

    @Override
    public void addThenNormInPlace(Tensor residual, Tensor delta, Step step) {
        norm.addThenNormInPlace(residual, delta, step);
        step.ops().scale(residual, weights);
    }

    @Override
    public Tensor inPlace(Tensor x, Step step) {
        norm.inPlace(x, step);
        step.ops().scale(x, weights);
        return x;
    }
}
