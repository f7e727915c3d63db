package dev.hearth.spi.host;

import dev.hearth.spi.RopeSpec;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Cosines and sines of a rotation for positions 0 to n - 1, F32 [n, 2 * pairs]; it grows as positions are asked for. Used by
 * one thread at a time.
 */
final class RopeTable implements AutoCloseable {
    private static final int FIRST_POSITIONS = 256;

    private final RopeSpec spec;
    private Arena arena;
    private Tensor table;

    RopeTable(RopeSpec spec) {
        this.spec = spec;
        arena = Arena.ofShared();
        table = allocate(arena, 0);
    }

    /** The table, with at least this position in it; valid until the next call. */
    Tensor upTo(int position) {
        if (position >= table.rows()) {
            grow(rowsUpTo(position));
        }
        return table;
    }

    /** Bytes of a table for so many positions. */
    static long bytes(RopeSpec spec, int positions) {
        return rowsUpTo(positions - 1) * 2 * spec.pairCount() * 4;
    }

    /** Bytes of this table now. */
    long byteSize() {
        return table.rows() * table.rowBytes();
    }

    private static long rowsUpTo(int position) {
        long rows = FIRST_POSITIONS;
        while (rows <= position) {
            rows *= 2;
        }
        return rows;
    }

    private void grow(long rows) {
        Arena wider = Arena.ofShared();
        Tensor next = allocate(wider, rows);
        MemorySegment.copy(table.segment(), 0, next.segment(), 0, table.rows() * table.rowBytes());
        for (long position = table.rows(); position < rows; position++) {
            float magnitude = spec.magnitude((int) position);
            for (int pair = 0; pair < spec.pairCount(); pair++) {
                float angle = (float) position * spec.inverseFrequency(pair);
                next.setFloat(position, pair, (float) StrictMath.cos(angle) * magnitude);
                next.setFloat(position, spec.pairCount() + pair, (float) StrictMath.sin(angle) * magnitude);
            }
        }
        arena.close();
        arena = wider;
        table = next;
    }

    private Tensor allocate(Arena owner, long rows) {
        long width = 2L * spec.pairCount();
        return Tensor.of(owner.allocate(Math.max(4, rows * width * 4), 64), DType.F32, rows, width);
    }

    @Override
    public void close() {
        arena.close();
    }
}
