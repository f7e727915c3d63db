package dev.hearth.quantize;

import dev.hearth.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A tensor of a model that is to be written.
 *
 * @param name in GGUF
 * @param shape sizes, outermost first
 * @param typeName the type that it has now, for messages; by ggml's name where ggml has it
 * @param data the tensor as a file of ggml's has it, where it is stored so already
 * @param rows makes readers of its values, one a thread; empty for what has no floating-point values
 */
public record DraftTensor(
        String name, Shape shape, String typeName, Optional<Encoded> data, Optional<Supplier<RowReader>> rows) {
    /** A tensor of values that are computed when they are asked for. */
    public static DraftTensor computed(String name, Shape shape, String typeName, Supplier<RowReader> rows) {
        return new DraftTensor(name, shape, typeName, Optional.empty(), Optional.of(rows));
    }

    /** One row of values that are there. */
    public static DraftTensor of(String name, float[] values) {
        float[] copy = values.clone();
        return computed(
                name,
                Shape.of(copy.length),
                BlockType.F32.name(),
                () -> (row, out) -> System.arraycopy(copy, 0, out, 0, copy.length));
    }

    /**
     * Bytes that can be copied.
     *
     * @param ggmlType ggml's number of their type
     */
    public record Encoded(int ggmlType, MemorySegment bytes) {}
}
