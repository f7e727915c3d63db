package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A norm of each row, or of each group of neighbours in it. Stateless. */
public interface Norm {
    /** {@code residual += delta}; returns its norm. All [n, width]. */
    Tensor addThenNorm(Tensor residual, @Nullable Tensor delta, Step step);

    /** {@code residual = norm(residual + delta)}. Both [n, width]. */
    void addThenNormInPlace(Tensor residual, Tensor delta, Step step);

    /** The norm, in place. */
    Tensor inPlace(Tensor x, Step step);
}
