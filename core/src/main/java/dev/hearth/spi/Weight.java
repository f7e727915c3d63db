package dev.hearth.spi;

import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;

/**
 * A matrix [rows, columns] or vector of the model as its device holds it: the file's own mapping, a repacked copy, or a part of
 * either. Opaque: only the operations of the device that loaded it can read it. Thread-safe.
 */
public interface Weight extends AutoCloseable {
    /** The type it was loaded from; a repacked weight still means the same numbers. */
    DType type();

    /** Its sizes, outermost first. */
    Shape shape();

    /** Frees what the device allocated for it; a weight that aliases a file frees nothing. */
    @Override
    default void close() {}
}
