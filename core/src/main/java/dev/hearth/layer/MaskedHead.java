package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.tensor.Tensor;

/** Tells what stands in each token's place; Devlin and others 2018, arXiv:1810.04805, section 3.1. */
public record MaskedHead(Dense transform, Norm norm, Linear output) {
    /** [n, hidden] to [n, vocabulary]. */
    public Tensor forward(Tensor x, Step step) {
        return output.forward(norm.inPlace(transform.forward(x, step), step), step);
    }
}
