package dev.hearth.spi.reference;

import dev.hearth.spi.CacheType;
import dev.hearth.spi.KvView;
import dev.hearth.tensor.Bfloat16;
import dev.hearth.tensor.HostBuffer;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Finds keys and values in host pages. */
final class KvReader {
    private final KvView kv;
    private final MemorySegment pool;
    private final CacheType type;

    KvReader(KvView kv) {
        this.kv = kv;
        this.pool = ((HostBuffer) kv.pool()).segment();
        this.type = kv.layout().type();
    }

    /** Byte where the key of a position starts. */
    long key(int sequence, int position, int head) {
        return kv.keyOffset(page(sequence, position), head)
                + slot(position) * kv.layout().keyBytes();
    }

    /** Byte where the value of a position starts. */
    long value(int sequence, int position, int head) {
        return kv.valueOffset(page(sequence, position), head)
                + slot(position) * kv.layout().valueBytes();
    }

    /** Byte of the scale of a key. */
    long keyScale(int sequence, int position, int head) {
        return kv.keyScaleOffset(page(sequence, position), head) + slot(position) * type.scaleBytes();
    }

    /** Byte of the scale of a value. */
    long valueScale(int sequence, int position, int head) {
        return kv.valueScaleOffset(page(sequence, position), head) + slot(position) * type.scaleBytes();
    }

    /** An element as it is kept: still to be multiplied by its {@link #scale}. */
    float get(long start, int i) {
        return switch (type) {
            case F32 -> pool.get(Tensor.FLOAT, start + 4L * i);
            case F16 -> Float.float16ToFloat(pool.get(Tensor.SHORT, start + 2L * i));
            case BF16 -> Bfloat16.value(pool.get(Tensor.SHORT, start + 2L * i));
            case INT8 -> pool.get(ValueLayout.JAVA_BYTE, start + i);
        };
    }

    /** The scale at a byte; 1 for a type without. */
    float scale(long at) {
        return type.scaleBytes() == 0 ? 1 : pool.get(Tensor.FLOAT, at);
    }

    /** Writes {@code dim} elements of a row from {@code from} on, rounded, and their scale if the type has one. */
    void put(long start, long scale, Tensor x, long row, long from, int dim) {
        if (type == CacheType.INT8) {
            pool.set(Tensor.FLOAT, scale, ScalarRounding.block(pool, start, x, row, from, dim));
            return;
        }
        for (int i = 0; i < dim; i++) {
            float value = x.getFloat(row, from + i);
            switch (type) {
                case F32 -> pool.set(Tensor.FLOAT, start + 4L * i, value);
                case F16 -> pool.set(Tensor.SHORT, start + 2L * i, Float.floatToFloat16(value));
                case BF16 -> pool.set(Tensor.SHORT, start + 2L * i, Bfloat16.of(value));
                case INT8 -> throw new AssertionError(type);
            }
        }
    }

    private int page(int sequence, int position) {
        return kv.pageTable().getInt(sequence, position / kv.layout().pageSize());
    }

    private long slot(int position) {
        return position % kv.layout().pageSize();
    }
}
