package dev.hearth.spi.reference;

import dev.hearth.spi.KvView;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.HostBuffer;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Finds keys and values in host pages. */
final class KvReader {
    private final KvView kv;
    private final MemorySegment pool;
    private final boolean half;

    KvReader(KvView kv) {
        this.kv = kv;
        this.pool = ((HostBuffer) kv.pool()).segment();
        this.half = kv.layout().type() == DType.F16;
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

    float get(long start, int i) {
        return half
                ? Float.float16ToFloat(pool.get(Tensor.SHORT, start + 2L * i))
                : pool.get(Tensor.FLOAT, start + 4L * i);
    }

    void set(long start, int i, float value) {
        if (half) {
            pool.set(Tensor.SHORT, start + 2L * i, Float.floatToFloat16(value));
        } else {
            pool.set(Tensor.FLOAT, start + 4L * i, value);
        }
    }

    private int page(int sequence, int position) {
        return kv.pageTable().getInt(sequence, position / kv.layout().pageSize());
    }

    private long slot(int position) {
        return position % kv.layout().pageSize();
    }
}
