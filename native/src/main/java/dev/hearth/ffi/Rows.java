package dev.hearth.ffi;

import dev.hearth.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * Rows of one element type in native memory, checked to lie inside it. Their arena must stay open as long as a kernel
 * may run on them: a kernel is passed an address, which holds nothing open. Immutable; for any thread.
 *
 * @param type of the elements
 * @param memory what they lie in; not on the heap
 * @param offsetBytes where the first row begins
 * @param strideBytes from a row to the next, at least a row's bytes where there is more than one
 * @param rows how many
 * @param columns elements in a row
 */
public record Rows(DType type, MemorySegment memory, long offsetBytes, long strideBytes, long rows, long columns) {
    /**
     * Checks that every row lies in the memory.
     *
     * @throws IllegalArgumentException if one doesn't, or the memory isn't native
     */
    public Rows {
        long rowBytes = type.bytes(columns);
        if (!memory.isNative()) {
            throw new IllegalArgumentException("rows: expected native memory, found a heap segment");
        }
        if (rows < 0 || offsetBytes < 0 || strideBytes < rowBytes) {
            throw new IllegalArgumentException("rows: expected counts of at least 0 and a stride of at least "
                    + rowBytes + " bytes, found rows " + rows + ", offset " + offsetBytes + ", stride " + strideBytes);
        }
        long end = rows == 0 ? offsetBytes : endOf(offsetBytes, strideBytes, rows, rowBytes);
        if (end > memory.byteSize()) {
            throw new IllegalArgumentException("rows: " + type + " [" + rows + ", " + columns + "] needs " + end
                    + " bytes, found " + memory.byteSize());
        }
    }

    /** Rows without gaps that begin at the memory's start. */
    public static Rows dense(DType type, MemorySegment memory, long rows, long columns) {
        return new Rows(type, memory, 0, type.bytes(columns), rows, columns);
    }

    /** The first row's address. */
    long address() {
        return memory.address() + offsetBytes;
    }

    private static long endOf(long offset, long stride, long rows, long rowBytes) {
        try {
            return Math.addExact(offset, Math.addExact(Math.multiplyExact(rows - 1, stride), rowBytes));
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE; // beyond any memory
        }
    }

    /** As errors print it: {@code Q8_0 [4096, 1024]}. */
    @Override
    public String toString() {
        return type + " [" + rows + ", " + columns + "]";
    }
}
