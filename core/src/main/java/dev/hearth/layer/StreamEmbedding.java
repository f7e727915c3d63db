package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.List;

/**
 * The first hidden states of {@link AltUp}: the token's embedding, and products of it made as large; behind them the inputs of
 * each layer that {@link PerLayerEmbedding} makes.
 *
 * @param projections [hidden, hidden] each, of the streams after the first
 */
public record StreamEmbedding(PerLayerEmbedding tokens, List<Linear> projections) implements Input {
    /** Least mean square of a product that is made as large as the embedding. */
    static final float LEAST_SQUARE = 1e-5f;

    /** [tokens, streams * hidden + layers * size], for the whole step. */
    @Override
    public Tensor forward(Step step) {
        long hidden = tokens.hidden();
        long width = hidden * (projections.size() + 1);
        Tensor all = step.scratch().forStep(DType.F32, step.tokenCount(), width + tokens.width());
        Tensor first = all.columns(0, hidden);
        tokens.embed(first, step);
        Rounded input = new Rounded(first, step);
        for (int i = 0; i < projections.size(); i++) {
            Tensor stream = all.columns((i + 1) * hidden, hidden);
            projections.get(i).into(stream, input, step);
            step.ops().resize(stream, first, LEAST_SQUARE);
        }
        tokens.inputs(all.columns(width, tokens.width()), first, step);
        return all;
    }
}
