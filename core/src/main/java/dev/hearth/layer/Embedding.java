package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;

/**
 * The rows of a table by token.
 *
 * @param table [vocabulary, hidden]
 * @param scale factor of every value
 */
public record Embedding(Weight table, float scale) {
    /** [tokens, hidden], for the whole step. */
    public Tensor forward(Step step) {
        Tensor out = step.scratch()
                .forStep(DType.F32, step.tokenCount(), table.shape().width());
        step.ops().embed(out, table, step.ids(), scale);
        return out;
    }
}
