package dev.hearth.spi.host;

import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import java.lang.foreign.MemorySegment;

/**
 * A weight with its rows dense one after the other.
 *
 * @param data host memory in which it stays; of another device the address alone, a segment of no bytes
 * @param release frees what was allocated for it
 */
public record HostWeight(String name, DType type, Shape shape, MemorySegment data, Runnable release) implements Weight {
    /** One that nothing was allocated for. */
    public HostWeight(String name, DType type, Shape shape, MemorySegment data) {
        this(name, type, shape, data, () -> {});
    }

    /** Bytes of a row. */
    public long rowBytes() {
        return type.bytes(shape.width());
    }

    @Override
    public void close() {
        release.run();
    }
}
