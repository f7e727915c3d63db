package dev.hearth.adapter;

import dev.hearth.format.TensorInfo;
import dev.hearth.tensor.Shape;
import java.lang.foreign.MemorySegment;

/** What an adapter does to one tensor of its base model. Thread-safe. */
interface Change {
    /** @throws dev.hearth.format.ModelFormatException if a tensor of this shape cannot be changed so */
    void check(Shape shape);

    /**
     * Changes the values.
     *
     * @param base the tensor without any adapter
     * @param values F32 of the same shape: the tensor with the changes before this one
     */
    void apply(TensorInfo base, MemorySegment values);
}
