package dev.hearth.spi;

import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import java.lang.foreign.MemorySegment;

/**
 * A weight as it lies in a file or in memory, rows dense one after the other.
 *
 * @param name what errors call it, file and tensor
 * @param data exactly the bytes of the weight; they stay valid until the model closes
 */
public record WeightSource(String name, DType type, Shape shape, MemorySegment data) {
    /** Checks that the bytes are as many as type and shape need. */
    public WeightSource {
        long expected = Math.multiplyExact(shape.rows(), type.bytes(shape.width()));
        if (data.byteSize() != expected) {
            throw new IllegalArgumentException(
                    name + ": " + type + " " + shape + " needs " + expected + " bytes, found " + data.byteSize());
        }
    }

    /** Rows [first, first + count) as a weight of their own, not copied. */
    public WeightSource rows(long first, long count) {
        if (first < 0 || count < 0 || count > shape.rows() - first) {
            throw new IllegalArgumentException(
                    name + ": rows " + first + " to " + (first + count) + " are not in " + shape);
        }
        long rowBytes = type.bytes(shape.width());
        return new WeightSource(
                name, type, Shape.of(count, shape.width()), data.asSlice(first * rowBytes, count * rowBytes));
    }
}
