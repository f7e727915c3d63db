package dev.hearth.gpu;

import dev.hearth.spi.Weight;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * The one struct that a kernel takes, filled member by member as C lays it out. Drivers copy it when a kernel is launched, so one serves
 * all. Used by one thread at a time.
 */
final class Parameters {
    private static final int MOST_BYTES = 512;

    private final MemorySegment block;
    private final Mirrors mirrors;
    private long used;

    Parameters(Arena arena, Mirrors mirrors) {
        this.block = arena.allocate(MOST_BYTES, 8);
        this.mirrors = mirrors;
    }

    /** Forgets what was put. */
    Parameters begin() {
        used = 0;
        return this;
    }

    Parameters put(long value) {
        used = (used + 7) / 8 * 8;
        block.set(ValueLayout.JAVA_LONG, used, value);
        used += 8;
        return this;
    }

    Parameters put(int value) {
        block.set(ValueLayout.JAVA_INT, used, value);
        used += 4;
        return this;
    }

    Parameters put(float value) {
        block.set(ValueLayout.JAVA_FLOAT, used, value);
        used += 4;
        return this;
    }

    /** Rows: F32 of the device and the elements from one row to the next; null for none. */
    Parameters rows(@Nullable Tensor x) {
        return x == null ? put(0L).put(0L) : put(address(x)).put(x.rowStride());
    }

    /** ByteRows: of any type, with the bytes from one row to the next. */
    Parameters byteRows(Tensor x) {
        return put(address(x)).put(x.rowBytes());
    }

    /** ByteRows of a weight from a row on. */
    Parameters byteRows(HostWeight weight, long from) {
        return put(address(weight) + from * weight.rowBytes()).put(weight.rowBytes());
    }

    /** Column, or the rows of a table of integers: of the host, or what an operation has left on the device. */
    Parameters integers(Tensor x) {
        return put(x.buffer() instanceof GpuBuffer ? address(x) : mirrors.address(x))
                .put(x.rowStride());
    }

    /** F32 of a weight from an element on, 0 for none. */
    Parameters vector(@Nullable Weight weight, long from) {
        return put(weight instanceof HostWeight here ? address(here) + 4 * from : 0L);
    }

    /** What was put, padded as a struct with 8-byte members is. */
    MemorySegment end() {
        used = (used + 7) / 8 * 8;
        return block.asSlice(0, used);
    }

    /** Where a buffer of the device begins. */
    static long address(Buffer buffer) {
        if (buffer instanceof GpuBuffer here) {
            return here.address();
        }
        throw new IllegalArgumentException("gpu: expected memory of this device, found "
                + buffer.getClass().getSimpleName());
    }

    private static long address(Tensor x) {
        return address(x.buffer()) + x.offsetBytes();
    }

    /** Where a weight of the device begins. */
    static long address(Weight any) {
        if (!(any instanceof HostWeight weight)) {
            throw new IllegalArgumentException("experts: expected a weight of this device, found "
                    + any.getClass().getName());
        }
        if (weight.data().byteSize() != 0) {
            throw new IllegalArgumentException(
                    "gpu: " + weight.name() + ": expected a weight of this device, found one in host memory");
        }
        return weight.data().address();
    }
}
