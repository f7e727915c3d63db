package dev.hearth.spi.host;

import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import java.lang.foreign.MemorySegment;

/** A weight that stays where it lies in host memory, rows dense one after the other. */
public record HostWeight(String name, DType type, Shape shape, MemorySegment data) implements Weight {
    /** Bytes of a row. */
    public long rowBytes() {
        return type.bytes(shape.width());
    }
}
