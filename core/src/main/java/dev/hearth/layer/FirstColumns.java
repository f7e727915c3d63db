package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A norm of the first columns of wider rows, whose others are dropped. */
public record FirstColumns(Norm norm, int width) implements Norm {
    @Override
    public Tensor addThenNorm(Tensor residual, @Nullable Tensor delta, Step step) {
        return norm.addThenNorm(residual.columns(0, width), delta, step);
    }

    @Override
    public void addThenNormInPlace(Tensor residual, Tensor delta, Step step) {
        norm.addThenNormInPlace(residual.columns(0, width), delta, step);
    }

    @Override
    public Tensor inPlace(Tensor x, Step step) {
        return norm.inPlace(x.columns(0, width), step);
    }
}
