package dev.hearth.sample;

/**
 * Changes a row of logits of one sequence before anything else does; the seam for masks of allowed tokens. Called by the thread that
 * samples. What it throws fails its own request alone.
 */
@FunctionalInterface
public interface LogitsProcessor {
    /**
     * Edits in place; negative infinity rules a token out. May be called again for a position whose token was refused.
     *
     * @param logits [vocabulary], the model's
     * @param position tokens that precede the one to be drawn
     */
    void process(float[] logits, int position);

    /** Notes a token of the prompt, then of the output, each as it comes. By default nothing. */
    default void accept(int token) {}
}
