package dev.hearth.convert;

import dev.hearth.format.ModelFormatException;
import dev.hearth.format.TensorInfo;
import dev.hearth.model.Rearranged;
import dev.hearth.quantize.RowReader;
import dev.hearth.tensor.Tensor;
import java.util.List;

/** The rows of a rearranged tensor, out of the parts, all of one shape, that make the whole it comes from. */
final class ElementReader implements RowReader {
    private final Rearranged target;
    private final List<TensorInfo> parts;
    private final long partElements;

    /** @throws ModelFormatException if elements aren't numbers of their own */
    ElementReader(Rearranged target, List<TensorInfo> parts) {
        this.target = target;
        this.parts = parts;
        TensorInfo first = parts.getFirst();
        this.partElements = Math.max(1, first.shape().elements());
        switch (first.type()) {
            case F32, F16, BF16 -> {}
            default ->
                throw new ModelFormatException(
                        first.place(), "expected F32, F16 or BF16 to rearrange, found " + first.type());
        }
    }

    @Override
    public void read(long row, float[] out) {
        for (int i = 0; i < target.shape().width(); i++) {
            long index = target.from().index(row, i);
            out[i] = element(parts.get((int) (index / partElements)), index % partElements);
        }
    }

    private static float element(TensorInfo part, long index) {
        return switch (part.type()) {
            case F16 -> Float.float16ToFloat(part.data().get(Tensor.SHORT, 2 * index));
            case BF16 -> Float.intBitsToFloat(part.data().get(Tensor.SHORT, 2 * index) << 16);
            default -> part.data().get(Tensor.FLOAT, 4 * index);
        };
    }
}
