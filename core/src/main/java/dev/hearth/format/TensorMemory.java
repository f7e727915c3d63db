package dev.hearth.format;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;

/** Memory for tensors that no file has as they are. */
public final class TensorMemory {
    private static final int ALIGNMENT = 64;

    private TensorMemory() {}

    /**
     * Room for a tensor.
     *
     * @param bytes how much; may throw ArithmeticException for a size beyond 63 bits
     * @param place the tensor, for messages
     * @param as what it would be in memory, for messages: {@code "as Q8_0"}
     * @throws ModelFormatException if it doesn't fit
     */
    public static MemorySegment allocate(Arena memory, LongSupplier bytes, String place, String as) {
        try {
            return memory.allocate(bytes.getAsLong(), ALIGNMENT);
        } catch (OutOfMemoryError | ArithmeticException e) { // the first is what a native allocation throws
            throw new ModelFormatException(place, "does not fit into memory " + as, e);
        }
    }
}
