package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;

/**
 * A token embedding e with an input of its own for each layer behind it: {@code (norm(projection · e / sqrt(hidden)) +
 * sqrt(size) * table[id]) / sqrt(2)}, which Gemma 3n calls per-layer embeddings.
 *
 * @param table [vocabulary, layers * size]
 * @param projection [layers * size, hidden]
 * @param norm of each layer's part
 * @param size columns of one layer
 */
public record PerLayerEmbedding(Embedding embedding, Weight table, Linear projection, Norm norm, int size)
        implements Input {
    /** [tokens, hidden + layers * size], for the whole step. */
    @Override
    public Tensor forward(Step step) {
        long hidden = embedding.table().shape().width();
        long width = table.shape().width();
        Tensor all = step.scratch().forStep(DType.F32, step.tokenCount(), hidden + width);
        Tensor tokens = all.columns(0, hidden);
        step.ops().embed(tokens, embedding.table(), step.ids(), embedding.scale());
        Tensor inputs = all.columns(hidden, width);
        step.ops().embed(inputs, table, step.ids(), (float) Math.sqrt(size));
        Tensor projected = projection.forward(tokens, step);
        step.ops().scale(projected, (float) Math.pow((double) hidden, -0.5));
        step.ops().add(inputs, norm.inPlace(projected, step));
        step.ops().scale(inputs, (float) Math.sqrt(0.5));
        return all;
    }
}
