package dev.hearth.cpu;

import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.HostBuffer;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Reads neighbouring keys or values of one head out of host pages as floats. One thread. */
final class KvRows {
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
        this.halves = new short[layout.headDim()];
        this.stride = VectorMath.padded(layout.headDim());
    }

    /** Keys of positions [from, to); the first goes to {@code out[0]}. */
    void keys(int sequence, int head, int from, int to, float[] out) {
        for (int position = from; position < to; position++) {
            long start = layout.keyOffset(page(sequence, position), kv.layer(), head);
            row(start, position, out, (position - from) * stride);
        }
    }

    /** Values, likewise. */
    void values(int sequence, int head, int from, int to, float[] out) {
        for (int position = from; position < to; position++) {
            long start = layout.valueOffset(page(sequence, position), kv.layer(), head);
            row(start, position, out, (position - from) * stride);
        }
    }

    private int page(int sequence, int position) {
        return kv.pageTable().getInt(sequence, position / layout.pageSize());
    }

    private void row(long start, int position, float[] out, int to) {
        int dim = layout.headDim();
        long at = start + position % layout.pageSize() * layout.type().bytes(dim);
        if (layout.type() == DType.F16) {
            MemorySegment.copy(pool, Tensor.SHORT, at, halves, 0, dim);
            BlockCodes.halves(halves, dim, out, to);
        } else {
            MemorySegment.copy(pool, Tensor.FLOAT, at, out, to, dim);
        }
    }
}
