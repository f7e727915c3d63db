package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;

/** The rows of embeddings of another width than the layers', through a product. */
public record ProjectedInput(Embedding embedding, Linear product) implements Input {
    /** [tokens, hidden], for the whole step. */
    @Override
    public Tensor forward(Step step) {
        Tensor rows = embedding.forward(step);
        Tensor out = step.scratch().forStep(DType.F32, step.tokenCount(), product.rows());
        product.into(out, new Rounded(rows, step), step);
        return out;
    }
}
