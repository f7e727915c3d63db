package dev.hearth.sample;

/**
 * Changes a row of logits before anything else does; the seam for masks of allowed tokens. Called by the thread that samples,
 * once for each token.
 */
@FunctionalInterface
public interface LogitsProcessor {
    /**
     * Edits in place; negative infinity rules a token out.
     *
     * @param logits [vocabulary], the model's
     * @param position tokens that precede the one to be drawn
     */
    void process(float[] logits, int position);
}
