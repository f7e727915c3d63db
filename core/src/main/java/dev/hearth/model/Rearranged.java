package dev.hearth.model;

import dev.hearth.tensor.Shape;
import java.util.function.LongUnaryOperator;

/**
 * A tensor of a GGUF file whose elements stand elsewhere in one of the Hugging Face layout.
 *
 * @param name in full
 */
public record Rearranged(String name, Shape shape, Source from) {
    /** Where elements come from. */
    @FunctionalInterface
    public interface Source {
        /** Index, over all elements of the other tensor, of what stands here in this row and column. */
        long index(long row, long column);
    }

    /** Whole rows in another order; elements, if it is a vector. */
    static Rearranged rows(String name, Shape shape, LongUnaryOperator row) {
        long width = shape.width();
        return new Rearranged(
                name,
                shape,
                shape.rank() == 1 ? (r, i) -> row.applyAsLong(i) : (r, i) -> row.applyAsLong(r) * width + i);
    }
}
