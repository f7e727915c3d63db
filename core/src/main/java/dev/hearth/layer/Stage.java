package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.tensor.Tensor;

/** One part of what follows pooling. Stateless. */
@FunctionalInterface
public interface Stage {
    /** [n, width] to [n, another width], each row on its own; may work in place. */
    Tensor forward(Tensor x, Step step);
}
