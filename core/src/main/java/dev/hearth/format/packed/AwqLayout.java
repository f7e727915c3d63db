package dev.hearth.format.packed;

import dev.hearth.format.StoredTensor;
import dev.hearth.format.packed.GroupedMatrix.Codes;
import dev.hearth.format.packed.GroupedMatrix.PerGroup;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.util.OptionalInt;

/**
 * AWQ, 4 bits (arXiv:2306.00978; AutoAWQ's files). By inputs: qweight I32 [inputs, outputs / 8], qzeros I32 [groups,
 * outputs / 8], scales [groups, outputs]; the outputs of a word stand in the order 0, 2, 4, 6, 1, 3, 5, 7. By outputs: qweight
 * I32 [outputs, inputs / 8], qzeros I32 [outputs, groups / 8] and scales [outputs, groups], both perhaps padded.
 */
final class AwqLayout {
    private static final int PER_WORD = 8;
    private static final int MOST_CODE = 15;

    /** Where in a word an output stands, by its rest modulo 8. */
    private static final int[] PLACE = {0, 4, 1, 5, 2, 6, 3, 7};

    private AwqLayout() {}

    /** A weight whose codes are in {@code qweight}. */
    static PackedWeight read(Parts parts, Packing packing) {
        StoredTensor codes = parts.requireMatrix(".qweight", "I32");
        StoredTensor zeros = parts.requireMatrix(".qzeros", "I32");
        Numbers scales = Numbers.of(parts.requireMatrix(".scales", "F16", "BF16", "F32"));
        return packing.isAwqByOutputs()
                ? byOutputs(parts, codes, zeros, scales, packing.groupSize())
                : byInputs(parts, codes, zeros, scales);
    }

    private static PackedWeight byInputs(Parts parts, StoredTensor codes, StoredTensor zeros, Numbers scales) {
        long words = codes.shape().width();
        Shape shape =
                PackedWeight.checked(codes, words * PER_WORD, codes.shape().rows());
        long outputs = shape.rows();
        int inputs = (int) shape.width();
        long count = scales.tensor().shape().rows();
        if (scales.tensor().shape().width() != outputs || inputs % count != 0) {
            throw Parts.wrong(scales.tensor(), "[groups, " + outputs + "] for equal groups of " + inputs + " inputs");
        }
        if (!zeros.shape().equals(Shape.of(count, words))) {
            throw Parts.wrong(zeros, Shape.of(count, words).toString());
        }
        return weight(
                parts,
                codes,
                shape,
                (row, out) -> {
                    long word = row / PER_WORD;
                    int shift = 4 * PLACE[(int) (row % PER_WORD)];
                    for (int i = 0; i < inputs; i++) {
                        out[i] = codes.data().get(Tensor.INT, 4 * (i * words + word)) >>> shift & MOST_CODE;
                    }
                },
                (row, group) -> zeros.data().get(Tensor.INT, 4 * (group * words + row / PER_WORD))
                                >>> 4 * PLACE[(int) (row % PER_WORD)]
                        & MOST_CODE,
                (row, group) -> scales.at(group * outputs + row),
                scales,
                (int) (inputs / count));
    }

    private static PackedWeight byOutputs(
            Parts parts, StoredTensor codes, StoredTensor zeros, Numbers scales, OptionalInt size) {
        Shape shape =
                PackedWeight.checked(codes, codes.shape().rows(), codes.shape().width() * PER_WORD);
        int inputs = (int) shape.width();
        int each = size.orElse(inputs);
        long count = ((long) inputs + each - 1) / each;
        long zeroWords = zeros.shape().width();
        long scaleColumns = scales.tensor().shape().width();
        if (scales.tensor().shape().rows() != shape.rows() || scaleColumns < count) {
            throw Parts.wrong(scales.tensor(), "[" + shape.rows() + ", at least " + count + "]");
        }
        if (zeros.shape().rows() != shape.rows() || zeroWords < BitCodes.words(count, 4)) {
            throw Parts.wrong(zeros, "[" + shape.rows() + ", at least " + BitCodes.words(count, 4) + "]");
        }
        return weight(
                parts,
                codes,
                shape,
                (row, out) ->
                        BitCodes.read(codes.data(), 4 * row * codes.shape().width(), 4, 4, out),
                (row, group) -> BitCodes.at(zeros.data(), 4 * row * zeroWords, 4, group, 4),
                (row, group) -> scales.at(row * scaleColumns + group),
                scales,
                each);
    }

    private static PackedWeight weight(
            Parts parts,
            StoredTensor codes,
            Shape shape,
            Codes rows,
            PerGroup zeroAt,
            PerGroup scaleAt,
            Numbers scales,
            int groupSize) {
        int[] groups = new int[(int) shape.width()];
        for (int i = 0; i < groups.length; i++) {
            groups[i] = i / groupSize;
        }
        DType type = ExactType.ofWhole(groups, -MOST_CODE, MOST_CODE, scales);
        var matrix = new GroupedMatrix(shape, type, rows, zeroAt, scaleAt, groups);
        return PackedWeight.of(parts, parts.name(".weight"), "awq4", codes, matrix);
    }
}
