package dev.hearth.cpu;

import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.HostBuffer;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Reads neighbouring keys or values of one head out of host pages as floats. One thread. */
final class KvRows {
    /** Most positions that are read at a time. */
    static final int POSITIONS = 16;

    private final KvView kv;
    private final KvLayout layout;
    private final MemorySegment pool;
    private final short[] halves;

    /** Elements from one row to the next: the head up to a multiple of 16; what lies behind it is left as it was. */
    final int stride;

    KvRows(KvView kv) {
        this.kv = kv;
        this.layout = kv.layout();
        this.pool = ((HostBuffer) kv.pool()).segment();
        this.halves = new short[POSITIONS * layout.headDim()];
        this.stride = VectorMath.padded(layout.headDim());
    }

    /** Keys of positions [from, to), at most {@link #POSITIONS}; the first goes to {@code out[0]}. */
    void keys(int sequence, int head, int from, int to, float[] out) {
        for (int position = from; position < to; ) {
            int count = Math.min(to - position, layout.pageSize() - position % layout.pageSize());
            long start = layout.keyOffset(page(sequence, position), kv.layer(), head);
            rows(start, position, count, out, (position - from) * stride);
            position += count;
        }
    }

    /** Values, likewise. */
    void values(int sequence, int head, int from, int to, float[] out) {
        for (int position = from; position < to; ) {
            int count = Math.min(to - position, layout.pageSize() - position % layout.pageSize());
            long start = layout.valueOffset(page(sequence, position), kv.layer(), head);
            rows(start, position, count, out, (position - from) * stride);
            position += count;
        }
    }

    private int page(int sequence, int position) {
        return kv.pageTable().getInt(sequence, position / layout.pageSize());
    }

    /** Neighbours within a page. */
    private void rows(long start, int position, int count, float[] out, int to) {
        int dim = layout.headDim();
        long at = start + position % layout.pageSize() * layout.type().bytes(dim);
        if (dim == stride) {
            floats(at, count * dim, out, to);
        } else {
            for (int r = 0; r < count; r++) {
                floats(at + r * layout.type().bytes(dim), dim, out, to + r * stride);
            }
        }
    }

    private void floats(long at, int count, float[] out, int to) {
        if (layout.type() == DType.F16) {
            MemorySegment.copy(pool, Tensor.SHORT, at, halves, 0, count);
            BlockCodes.halves(halves, count, out, to);
        } else {
            MemorySegment.copy(pool, Tensor.FLOAT, at, out, to, count);
        }
    }
}
