package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The norm of the mean of the hidden states of {@link AltUp}, of which those after the first are multiplied and made as large as
 * it. Columns behind them are dropped.
 *
 * @param projections [hidden, hidden] each, of the streams after the first
 */
public record MergedStreams(Norm norm, List<Linear> projections, int hidden) implements Norm {
    @Override
    public Tensor addThenNorm(Tensor residual, @Nullable Tensor delta, Step step) {
        return norm.addThenNorm(merged(residual, delta, step), null, step);
    }

    @Override
    public void addThenNormInPlace(Tensor residual, Tensor delta, Step step) {
        norm.inPlace(merged(residual, delta, step), step);
    }

    @Override
    public Tensor inPlace(Tensor x, Step step) {
        return norm.inPlace(merged(x, null, step), step);
    }

    /** The first stream, which becomes the mean. */
    private Tensor merged(Tensor streams, @Nullable Tensor delta, Step step) {
        Tensor first = streams.columns(0, hidden);
        if (delta != null) {
            step.ops().add(first, delta);
        }
        List<Tensor> others = new ArrayList<>();
        for (int i = 0; i < projections.size(); i++) {
            Tensor other = projections.get(i).forward(streams.columns((i + 1L) * hidden, hidden), step);
            step.ops().resize(other, first, StreamEmbedding.LEAST_SQUARE);
            others.add(other);
        }
        others.forEach(other -> step.ops().add(first, other));
        step.ops().scale(first, 1f / (projections.size() + 1));
        return first;
    }
}
