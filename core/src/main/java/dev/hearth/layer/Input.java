package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.tensor.Tensor;

/** What makes the first layer's input of a step's tokens. Stateless. */
@FunctionalInterface
public interface Input {
    /** [tokens, width], for the whole step; the layers' blocks say what the columns are. */
    Tensor forward(Step step);
}
