package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.tensor.Tensor;

/**
 * The last product, to logits.
 *
 * @param softcap logits become softcap * tanh(logit / softcap); 0 for none
 */
public record Head(Linear output, float softcap) {
    /** [n, hidden] to [n, vocabulary]. */
    public Tensor forward(Tensor x, Step step) {
        Tensor logits = output.forward(x, step);
        if (softcap > 0) {
            step.ops().softcap(logits, softcap);
        }
        return logits;
    }
}
