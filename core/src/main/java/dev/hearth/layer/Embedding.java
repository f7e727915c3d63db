package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.Optional;

/**
 * The rows of a table by token, and perhaps those of others by position and by type.
 *
 * @param table [vocabulary, hidden]
 * @param scale factor of every value
 * @param positions [positions, hidden], added
 * @param types [types, hidden], added
 * @param projection of the sum to the model's own size
 * @param norm of what comes of it
 */
public record Embedding(
        Weight table,
        float scale,
        Optional<Weight> positions,
        Optional<Weight> types,
        Optional<Linear> projection,
        Optional<Norm> norm)
        implements Input {
    /** Of tokens alone. */
    public Embedding(Weight table, float scale) {
        this(table, scale, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** The same with a row of {@code table} [positions, hidden] added by position. */
    public Embedding withPositions(Weight table) {
        return new Embedding(this.table, scale, Optional.of(table), types, projection, norm);
    }

    /** The same with a row of {@code table} [types, hidden] added by type. */
    public Embedding withTypes(Weight table) {
        return new Embedding(this.table, scale, positions, Optional.of(table), projection, norm);
    }

    /** The same through a product. */
    public Embedding withProjection(Linear product) {
        return new Embedding(table, scale, positions, types, Optional.of(product), norm);
    }

    /** The same, normed. */
    public Embedding withNorm(Norm norm) {
        return new Embedding(table, scale, positions, types, projection, Optional.of(norm));
    }

    /** [tokens, hidden], for the whole step; hidden is the table's width, or the rows of the projection. */
    @Override
    public Tensor forward(Step step) {
        long width = table.shape().width();
        Tensor sum = step.scratch().forStep(DType.F32, step.tokenCount(), width);
        step.ops().embed(sum, table, step.ids(), scale);
        types.ifPresent(t -> add(sum, t, step.types(), step));
        positions.ifPresent(p -> add(sum, p, step.batch().positions(), step));
        Tensor out = projection.map(p -> projected(p, sum, step)).orElse(sum);
        norm.ifPresent(n -> n.inPlace(out, step));
        return out;
    }

    private static Tensor projected(Linear product, Tensor x, Step step) {
        Tensor out = step.scratch().forStep(DType.F32, step.tokenCount(), product.rows());
        product.into(out, new Rounded(x, step), step);
        return out;
    }

    private static void add(Tensor out, Weight table, Tensor rows, Step step) {
        Tensor more = step.scratch().forStep(DType.F32, step.tokenCount(), out.width());
        step.ops().embed(more, table, rows, 1);
        step.ops().add(out, more);
    }
}
