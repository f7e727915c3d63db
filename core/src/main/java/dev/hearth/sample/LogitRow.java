package dev.hearth.sample;

import java.lang.foreign.MemorySegment;

/** A model's logits where they were computed, with the greatest of each {@link #BLOCK} neighbours, so that few of them have to be read. */
public interface LogitRow {
    /** Neighbours with one maximum. */
    int BLOCK = 128;

    /** Maxima of a row of so many. */
    static int blocks(long vocabSize) {
        return (int) ((vocabSize + BLOCK - 1) / BLOCK);
    }

    /**
     * A row in memory of this process.
     *
     * @param logits F32 [vocabulary]
     * @param maxima F32 [vocabulary / BLOCK, rounded up]; NaN where a neighbour is
     * @throws IllegalArgumentException if the maxima are not as many as the logits need
     */
    static LogitRow of(MemorySegment logits, MemorySegment maxima) {
        return new StoredRow(logits, maxima);
    }

    /** Logits in the row. */
    int vocabSize();

    /** Copies logits [from, end) to their places in a row on the heap. */
    void copy(float[] to, int from, int end);

    /** Copies all maxima, one of each block; NaN where a neighbour is. */
    void copyMaxima(float[] to);
}
