package dev.hearth.adapter;

import dev.hearth.format.ModelFormatException;
import dev.hearth.format.TensorInfo;
import dev.hearth.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * A tensor of an adapter that takes the place of the base model's, or that is added to it.
 *
 * @param added what the tensor's values are multiplied by before they are added; empty if they take the place
 */
record WholeTensor(TensorInfo tensor, Optional<Float> added) implements Change {
    /** Takes the place of the base model's tensor. */
    static WholeTensor replacing(TensorInfo tensor) {
        return new WholeTensor(tensor, Optional.empty());
    }

    /** Is added to the base model's tensor, times {@code scaling}. */
    static WholeTensor adding(TensorInfo tensor, float scaling) {
        return new WholeTensor(tensor, Optional.of(scaling));
    }

    /** Whether it takes the place of the base model's. */
    boolean replaces() {
        return added.isEmpty();
    }

    @Override
    public void check(Shape shape) {
        if (!shape.equals(tensor.shape())) {
            throw new ModelFormatException(
                    tensor.place(),
                    "expected the base model's " + shape + ", found " + tensor.shape()
                            + "; use the model that the adapter was made for");
        }
    }

    @Override
    public void apply(TensorInfo base, MemorySegment values) {
        FloatRows.forEach(tensor, (index, row) -> {
            if (added.isPresent()) {
                float scaling = added.get();
                float[] old = new float[row.length];
                FloatRows.read(values, index, old);
                for (int i = 0; i < row.length; i++) {
                    row[i] = old[i] + scaling * row[i];
                }
            }
            FloatRows.write(row, values, index);
        });
    }
}
