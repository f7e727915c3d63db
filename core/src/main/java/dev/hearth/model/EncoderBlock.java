package dev.hearth.model;

import dev.hearth.tensor.Tensor;

/** One layer of an encoder. */
public interface EncoderBlock {
    /** Makes the layer's output of its input, in place; [tokens, hidden]. */
    void forward(Tensor x, Step step);
}
