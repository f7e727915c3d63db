package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.tensor.Tensor;

/** What follows attention in a block: each row on its own, through one layer or through experts. Stateless. */
public interface FeedForward {
    /** [tokens, hidden] to [tokens, hidden]. */
    Tensor forward(Tensor x, Step step);
}
