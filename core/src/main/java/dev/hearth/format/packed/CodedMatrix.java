package dev.hearth.format.packed;

import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;

/** A matrix, or several of one shape, that a file keeps as small codes and scales. Thread-safe. */
interface CodedMatrix {
    /** [rows, columns], or with further axes before them. */
    Shape shape();

    /** The type to present it in: one that holds the values as they are defined, in few bits. */
    DType type();

    /**
     * A row, counted over all axes but the innermost. Its values are {@code levels[i] * scales[i]} in F32; of a block-quantised
     * {@link #type()} all elements of a block have the same scale, and levels are whole numbers.
     *
     * @param levels [columns], filled
     * @param scales [columns], filled
     */
    void read(long row, float[] levels, float[] scales);
}
