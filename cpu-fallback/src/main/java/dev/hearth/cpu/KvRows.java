package dev.hearth.cpu;

import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.tensor.HostBuffer;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Reads neighbouring keys or values of one head out of host pages as floats. One thread. */
final class KvRows {
    /** Most positions that are read at a time. */
    static final int POSITIONS = 16;

    private final KvView kv;
    private final KvLayout layout;
    private final MemorySegment pool;
    private final short[] halves;

    /** Scale of each key that was read last; 1 for a type without. */
    final float[] keyScales = new float[POSITIONS];

    /** Scale of each value that was read last, likewise. */
    final float[] valueScales = new float[POSITIONS];

    /** Elements from one key to the next: its own up to a multiple of 16; what lies behind it is left as it was. */
    final int keyStride;

    /** Elements from one value to the next, likewise. */
    final int valueStride;

    KvRows(KvView kv) {
        this.kv = kv;
        this.layout = kv.layout();
        this.pool = ((HostBuffer) kv.pool()).segment();
        this.halves = new short[POSITIONS * Math.max(layout.headDim(), layout.valueDim())];
        Arrays.fill(keyScales, 1);
        Arrays.fill(valueScales, 1);
        this.keyStride = VectorMath.padded(layout.headDim());
        this.valueStride = VectorMath.padded(layout.valueDim());
    }

    /** Keys of positions [from, to), at most {@link #POSITIONS}; the first goes to {@code out[0]}. */
    void keys(int sequence, int head, int from, int to, float[] out) {
        for (int position = from; position < to; ) {
            int slot = position % layout.pageSize();
            int count = Math.min(to - position, layout.pageSize() - slot);
            int page = page(sequence, position);
            long start = kv.keyOffset(page, head) + slot * layout.keyBytes();
            int target = (position - from) * keyStride;
            rows(start, count, layout.headDim(), layout.keyBytes(), out, target, keyStride);
            scales(kv.keyScaleOffset(page, head), slot, count, keyScales, position - from);
            position += count;
        }
    }

    /** Values, likewise. */
    void values(int sequence, int head, int from, int to, float[] out) {
        for (int position = from; position < to; ) {
            int slot = position % layout.pageSize();
            int count = Math.min(to - position, layout.pageSize() - slot);
            int page = page(sequence, position);
            long start = kv.valueOffset(page, head) + slot * layout.valueBytes();
            int target = (position - from) * valueStride;
            rows(start, count, layout.valueDim(), layout.valueBytes(), out, target, valueStride);
            scales(kv.valueScaleOffset(page, head), slot, count, valueScales, position - from);
            position += count;
        }
    }

    private int page(int sequence, int position) {
        return kv.pageTable().getInt(sequence, position / layout.pageSize());
    }

    /** Neighbours within a page, {@code bytes} apart there and {@code stride} elements here. */
    private void rows(long at, int count, int dim, long bytes, float[] out, int to, int stride) {
        if (dim == stride && bytes == layout.type().bytes(dim)) {
            floats(at, count * dim, out, to);
        } else {
            for (int r = 0; r < count; r++) {
                floats(at + r * bytes, dim, out, to + r * stride);
            }
        }
    }

    private void floats(long at, int count, float[] out, int to) {
        switch (layout.type()) {
            case F32 -> MemorySegment.copy(pool, Tensor.FLOAT, at, out, to, count);
            case F16 -> {
                MemorySegment.copy(pool, Tensor.SHORT, at, halves, 0, count);
                BlockCodes.halves(halves, count, out, to);
            }
            case BF16 -> {
                MemorySegment.copy(pool, Tensor.SHORT, at, halves, 0, count);
                BlockCodes.bfloats(halves, count, out, to);
            }
            case INT8 -> BlockCodes.int8(pool, at, count, out, to);
        }
    }

    private void scales(long at, int slot, int count, float[] out, int to) {
        if (layout.type().scaleBytes() > 0) {
            MemorySegment.copy(pool, Tensor.FLOAT, at + 4L * slot, out, to, count);
        }
    }
}
