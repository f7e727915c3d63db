package dev.hearth.spi.host;

import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory of one queue for values that live within one operation. Grows to the largest operation; used by one thread at a time. */
final class HostScratch implements AutoCloseable {
    private static final long ALIGNMENT = 64;

    private Arena arena = Arena.ofShared();
    private MemorySegment memory = MemorySegment.NULL;
    private long used;

    /** Forgets what was taken and makes room for {@code bytes} and the padding of {@code tensors}. */
    void begin(long bytes, int tensors) {
        long needed = byteSize(bytes, tensors);
        if (memory.byteSize() < needed) {
            arena.close();
            arena = Arena.ofShared();
            memory = arena.allocate(needed, ALIGNMENT);
        }
        used = 0;
    }

    /** What {@link #begin} makes room for. */
    static long byteSize(long bytes, int tensors) {
        return bytes + tensors * ALIGNMENT;
    }

    /** Bytes held now. */
    long byteSize() {
        return memory.byteSize();
    }

    /** A tensor out of the room that {@link #begin} made. */
    Tensor take(DType type, long rows, long width) {
        long bytes = rows * type.bytes(width);
        Tensor tensor = Tensor.of(memory.asSlice(used, bytes), type, rows, width);
        used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        return tensor;
    }

    @Override
    public void close() {
        arena.close();
    }
}
