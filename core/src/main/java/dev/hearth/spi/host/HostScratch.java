package dev.hearth.spi.host;

import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.HostBuffer;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory of one queue for values that live within one operation. Grows to the largest operation. Tensors are made once: an
 * operation that asks for what the last one had gets the same objects. Used by one thread at a time.
 */
final class HostScratch implements AutoCloseable {
    private static final long ALIGNMENT = 64;

    private Arena arena = Arena.ofShared();
    private HostBuffer memory = new HostBuffer(MemorySegment.NULL);
    private final List<Tensor> tensors = new ArrayList<>();
    private int next; // tensor that is given out
    private long used;

    /** Forgets what was taken and makes room for {@code bytes} and the padding of {@code tensors}. */
    void begin(long bytes, int tensors) {
        long needed = byteSize(bytes, tensors);
        if (memory.byteSize() < needed) {
            arena.close();
            arena = Arena.ofShared();
            memory = new HostBuffer(arena.allocate(needed, ALIGNMENT));
        }
        next = 0;
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
        Tensor tensor = known(memory, used, type, rows, width, width);
        used += (rows * type.bytes(width) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        return tensor;
    }

    /** Rows of a tensor, from here or not. */
    Tensor rows(Tensor of, long first, long count) {
        long offset = of.offsetBytes() + first * of.rowBytes();
        return known(of.buffer(), offset, of.type(), count, of.width(), of.rowStride());
    }

    private Tensor known(Buffer buffer, long offset, DType type, long rows, long width, long stride) {
        if (next < tensors.size()) {
            Tensor last = tensors.get(next);
            if (last.buffer().equals(buffer)
                    && last.offsetBytes() == offset
                    && last.type() == type
                    && last.rows() == rows
                    && last.width() == width
                    && last.rowStride() == stride) {
                next++;
                return last;
            }
            tensors.subList(next, tensors.size()).clear();
        }
        Tensor made = new Tensor(buffer, offset, type, Shape.of(rows, width), stride);
        tensors.add(made);
        next++;
        return made;
    }

    @Override
    public void close() {
        arena.close();
    }
}
