package dev.hearth.quantize;

/** The rows of a matrix as F32 values. May keep scratch memory, so one thread at a time uses a reader. */
@FunctionalInterface
public interface RowReader {
    /** The values of one row into the beginning of {@code out}. */
    void read(long row, float[] out);
}
