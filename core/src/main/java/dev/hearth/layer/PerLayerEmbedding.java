package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;

/**
 * A token embedding e with an input of its own for each layer behind it: {@code (norm(projection · e / sqrt(hidden)) +
 * sqrt(size) * table[id]) / sqrt(2)}, which Gemma 3n calls per-layer embeddings.
 *
 * @param table [ids, layers * size]; ids that it doesn't have use its first row
 * @param projection [layers * size, hidden]
 * @param norm of each layer's part
 * @param size columns of one layer
 */
public record PerLayerEmbedding(Embedding embedding, Weight table, Linear projection, Norm norm, int size)
        implements Input {
    /** [tokens, hidden + layers * size], for the whole step. */
    @Override
    public Tensor forward(Step step) {
        Tensor all = step.scratch().forStep(DType.F32, step.tokenCount(), hidden() + width());
        Tensor tokens = all.columns(0, hidden());
        embed(tokens, step);
        inputs(all.columns(hidden(), width()), tokens, step);
        return all;
    }

    /** Elements of the embedding. */
    long hidden() {
        return embedding.table().shape().width();
    }

    /** Elements of all layers' inputs. */
    long width() {
        return table.shape().width();
    }

    /** Writes the embedding, [tokens, hidden]. */
    void embed(Tensor out, Step step) {
        step.ops().embed(out, embedding.table(), step.ids(), embedding.scale());
    }

    /** Writes the layers' inputs, [tokens, layers * size], for what {@link #embed} wrote. */
    void inputs(Tensor out, Tensor tokens, Step step) {
        step.ops().embedOrFirst(out, table, step.ids(), (float) Math.sqrt(size));
        Tensor projected = projection.forward(tokens, step);
        step.ops().scale(projected, (float) Math.pow((double) hidden(), -0.5));
        step.ops().add(out, norm.inPlace(projected, step));
        step.ops().scale(out, (float) Math.sqrt(0.5));
    }
}
