package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.tensor.Tensor;

/**
 * Learned augmented residual of low rank: {@code x + norm(right · (left · x))}; Menghani and others 2024, arXiv:2411.07501.
 *
 * @param left [rank, hidden]
 * @param right [hidden, rank]
 */
public record Laurel(Linear left, Linear right, Norm norm) {
    /** [tokens, hidden] to [tokens, hidden]. */
    public Tensor forward(Tensor x, Step step) {
        Tensor h = norm.inPlace(right.forward(left.forward(x, step), step), step);
        step.ops().add(h, x);
        return h;
    }
}
