package dev.hearth.sample;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A row in memory of this process. */
record StoredRow(MemorySegment logits, MemorySegment maxima) implements LogitRow {
    StoredRow {
        int blocks = LogitRow.blocks(logits.byteSize() / Float.BYTES);
        if (maxima.byteSize() != (long) Float.BYTES * blocks) {
            throw new IllegalArgumentException("logits: expected " + blocks + " maxima of a row of "
                    + logits.byteSize() / Float.BYTES + ", found " + maxima.byteSize() / Float.BYTES);
        }
    }

    @Override
    public int vocabSize() {
        return (int) (logits.byteSize() / Float.BYTES);
    }

    @Override
    public void copy(float[] to, int from, int end) {
        copy(logits, to, from, end);
    }

    @Override
    public void copyMaxima(float[] to) {
        copy(maxima, to, 0, LogitRow.blocks(vocabSize()));
    }

    private static void copy(MemorySegment floats, float[] to, int from, int end) {
        MemorySegment.copy(floats, ValueLayout.JAVA_FLOAT_UNALIGNED, (long) Float.BYTES * from, to, from, end - from);
    }
}
