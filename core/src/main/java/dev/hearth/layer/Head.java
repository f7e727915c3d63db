package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.tensor.Tensor;

/**
 * The last product, to logits.
 *
 * @param scale factor of the logits
 * @param softcap logits then become softcap * tanh(logit / softcap); 0 for none
 */
public record Head(Linear output, float scale, float softcap) {
    /** [n, hidden] to [n, vocabulary]. */
    public Tensor forward(Tensor x, Step step) {
        Tensor logits = output.forward(x, step);
        if (scale != 1) {
            step.ops().scale(logits, scale);
        }
        if (softcap > 0) {
            step.ops().softcap(logits, softcap);
        }
        return logits;
    }
}
