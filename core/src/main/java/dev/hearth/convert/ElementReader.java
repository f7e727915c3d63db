package dev.hearth.convert;

import dev.hearth.format.TensorInfo;
import dev.hearth.model.Rearranged;
import dev.hearth.quantize.RowReader;
import dev.hearth.tensor.Tensor;
import java.util.List;

/** The rows of a rearranged tensor, out of the parts, all of one shape and of F32, F16 or BF16, that make the whole it comes from. */
final class ElementReader implements RowReader {
    private final Rearranged target;
    private final List<TensorInfo> parts;
    private final long partElements;

    ElementReader(Rearranged target, List<TensorInfo> parts) {
        this.target = target;
        this.parts = parts;
        this.partElements = Math.max(1, parts.getFirst().shape().elements());
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
