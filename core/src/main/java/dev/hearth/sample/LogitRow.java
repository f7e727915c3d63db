package dev.hearth.sample;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A model's logits where they were computed, with the greatest of each {@link #BLOCK} neighbours, so that few of them have to be read.
 *
 * @param logits F32 [vocabulary]
 * @param maxima F32 [vocabulary / BLOCK, rounded up]; NaN where a neighbour is
 */
public record LogitRow(MemorySegment logits, MemorySegment maxima) {
    /** Neighbours with one maximum. */
    public static final int BLOCK = 128;

    /**
     * Checked.
     *
     * @throws IllegalArgumentException if the maxima are not as many as the logits need
     */
    public LogitRow {
        if (maxima.byteSize() != Float.BYTES * (long) blocks(logits.byteSize() / Float.BYTES)) {
            throw new IllegalArgumentException("logits: expected " + blocks(logits.byteSize() / Float.BYTES)
                    + " maxima of a row of " + logits.byteSize() / Float.BYTES + ", found "
                    + maxima.byteSize() / Float.BYTES);
        }
    }

    /** Maxima of a row of so many. */
    public static int blocks(long vocabSize) {
        return (int) ((vocabSize + BLOCK - 1) / BLOCK);
    }

    int vocabSize() {
        return (int) (logits.byteSize() / Float.BYTES);
    }

    /** Copies logits [from, to) to their places in a row on the heap. */
    void copy(float[] row, int from, int to) {
        copy(logits, row, from, to);
    }

    /** Copies all maxima. */
    void copyMaxima(float[] to) {
        copy(maxima, to, 0, blocks(vocabSize()));
    }

    private static void copy(MemorySegment floats, float[] row, int from, int to) {
        MemorySegment.copy(floats, ValueLayout.JAVA_FLOAT_UNALIGNED, Float.BYTES * (long) from, row, from, to - from);
    }
}
