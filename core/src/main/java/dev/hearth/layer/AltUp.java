package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Alternating updates, the form of Gemma 3n: a token has several hidden states, of which a block works on one; the block's work
 * is predicted for all before, and what it did corrects them after. Baykal and others 2023, arXiv:2301.13310.
 *
 * @param sizes of the streams
 * @param routerNorm of what the router sees
 * @param router [streams, hidden]; tanh of it weights what {@code prediction} and {@code correction} do
 * @param prediction to numbers [streams + 1, streams] by which the streams become their predictions and, last, a copy of the
 *     active one
 * @param correction to numbers [streams, streams + 1] by which the predictions and the block's result become the streams
 * @param scale F32 [hidden]: factors of the corrected active stream for {@link #corrected}; null for none
 */
public record AltUp(
        Sizes sizes,
        Norm routerNorm,
        Linear router,
        Linear prediction,
        Linear correction,
        @Nullable Weight scale) {
    /**
     * Of the streams.
     *
     * @param count hidden states of a token
     * @param active the one that blocks work on, from 0
     * @param hidden elements of each
     */
    public record Sizes(int count, int active, int hidden) {
        /** Elements of all streams. */
        public int width() {
            return Math.multiplyExact(count, hidden);
        }

        /** One of the streams of some rows, counted from 0. */
        public Tensor stream(Tensor rows, int index) {
            return rows.columns((long) index * hidden, hidden);
        }
    }

    /** The same with factors of the corrected active stream. */
    public AltUp withScale(Weight factors) {
        return new AltUp(sizes, routerNorm, router, prediction, correction, factors);
    }

    /** [tokens, streams * hidden] to [tokens, (streams + 1) * hidden]: predictions, then a copy of the active one. */
    public Tensor predicted(Tensor streams, Step step) {
        Tensor out = step.rows((long) sizes.width() + sizes.hidden);
        Tensor weights = prediction.forward(modalities(sizes.stream(streams, sizes.active), step), step);
        step.ops().mix(out, streams, weights, sizes.count);
        return out;
    }

    /**
     * Writes the corrected streams, [tokens, streams * hidden].
     *
     * @param predicted of {@link #predicted}, the copy being what the block made of it
     * @return a copy of the active one, scaled, [tokens, hidden]
     */
    public Tensor corrected(Tensor streams, Tensor predicted, Step step) {
        Tensor weights = correction.forward(modalities(sizes.stream(predicted, sizes.count), step), step);
        step.ops().mix(streams, predicted, weights, sizes.count + 1);
        Tensor first = step.rows(sizes.hidden);
        Tensor own = weights.columns((long) sizes.active * (sizes.count + 1), sizes.count + 1);
        step.ops().mix(first, predicted, own, sizes.count + 1);
        if (scale != null) {
            step.ops().scale(first, scale);
        }
        return first;
    }

    private Tensor modalities(Tensor x, Step step) {
        Tensor h = routerNorm.addThenNorm(x, null, step);
        step.ops().scale(h, 1f / sizes.hidden);
        Tensor routed = router.forward(h, step);
        step.ops().softcap(routed, 1); // tanh
        return routed;
    }
}
