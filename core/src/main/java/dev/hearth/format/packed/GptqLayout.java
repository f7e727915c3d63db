package dev.hearth.format.packed;

import dev.hearth.format.ModelFormatException;
import dev.hearth.format.StoredTensor;
import dev.hearth.format.packed.GroupedMatrix.PerGroup;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * GPTQ, 2 to 8 bits (arXiv:2210.17323; AutoGPTQ's files): qweight I32 [inputs x bits / 32, outputs], codes one after the other
 * down each column; qzeros I32 [groups, outputs x bits / 32], along rows; scales [groups, outputs]; g_idx I32 [inputs], the
 * group of each input.
 */
final class GptqLayout {
    private static final String ENDING = ".qweight";

    private final StoredTensor codes;
    private final StoredTensor zeros;
    private final Numbers scales;
    private final int bits;
    private final int inputs;
    private final long outputs;
    private final int zeroOffset;

    private GptqLayout(Parts parts, Packing packing) {
        codes = parts.requireMatrix(ENDING, "I32");
        zeros = parts.requireMatrix(".qzeros", "I32");
        scales = Numbers.of(parts.requireMatrix(".scales", "F16", "BF16", "F32"));
        outputs = codes.shape().width();
        long groups = scales.tensor().shape().rows();
        bits = bits();
        if (scales.tensor().shape().width() != outputs
                || !zeros.shape().equals(Shape.of(groups, BitCodes.words(outputs, bits)))) {
            throw Parts.wrong(zeros, "zero points for scales " + scales.tensor().shape() + " of " + codes.shape());
        }
        inputs = (int) PackedWeight.checked(codes, outputs, codes.shape().rows() * 32 / bits)
                .width();
        zeroOffset = packing.zeroPointOffset();
    }

    /** A weight whose codes are in {@code qweight}. */
    static PackedWeight read(Parts parts, Packing packing) {
        return new GptqLayout(parts, packing).weight(parts, packing);
    }

    private PackedWeight weight(Parts parts, Packing packing) {
        int count = (int) Math.min(Integer.MAX_VALUE, scales.tensor().shape().rows());
        int[] groups = groups(parts.find(".g_idx"), count, packing.groupSize());
        Shape shape = Shape.of(outputs, inputs);
        PerGroup zeroAt = (row, group) -> zero(row, group);
        int[] range = range(zeroAt, count);
        DType type = ExactType.ofWhole(groups, -range[1], (1 << bits) - 1 - range[0], scales);
        var matrix = new GroupedMatrix(
                shape,
                type,
                (row, out) -> BitCodes.read(codes.data(), 4 * row, 4 * outputs, bits, out),
                zeroAt,
                (row, group) -> scales.at(group * outputs + row),
                groups);
        return PackedWeight.of(parts, parts.name(".weight"), "gptq" + bits, codes, matrix);
    }

    private int bits() {
        long found = scales.tensor().shape().width() == 0 ? 0 : zeros.shape().width() * 32 / outputs;
        if (found < 2 || found > 8) {
            throw Parts.wrong(zeros, "zero points of 2 to 8 bits for " + outputs + " outputs");
        }
        return (int) found;
    }

    private int zero(long output, int group) {
        int stored = BitCodes.at(zeros.data(), 4 * zeros.shape().width() * group, 4, output, bits);
        return stored + zeroOffset & (1 << bits) - 1;
    }

    private int[] range(PerGroup zeroAt, int count) {
        int least = Integer.MAX_VALUE;
        int greatest = 0;
        for (int group = 0; group < count; group++) {
            for (long output = 0; output < outputs; output++) {
                int zero = (int) zeroAt.at(output, group);
                least = Math.min(least, zero);
                greatest = Math.max(greatest, zero);
            }
        }
        return new int[] {least, greatest};
    }

    private int[] groups(Optional<StoredTensor> index, int count, OptionalInt size) {
        int[] groups = new int[inputs];
        if (index.isPresent() && index.get().shape().elements() > 0) {
            return indexed(index.get(), groups, count);
        }
        int said = size.orElse(inputs);
        boolean fits = ((long) inputs + said - 1) / said == count;
        if (!fits && inputs % count != 0) {
            throw Parts.wrong(scales.tensor(), "scales for equal groups of " + inputs + " inputs");
        }
        int each = fits ? said : inputs / count;
        for (int i = 0; i < inputs; i++) {
            groups[i] = i / each;
        }
        return groups;
    }

    private static int[] indexed(StoredTensor index, int[] groups, int count) {
        if (!index.typeName().equals("I32") || !index.shape().equals(Shape.of(groups.length))) {
            throw Parts.wrong(index, "I32 [" + groups.length + "]");
        }
        for (int i = 0; i < groups.length; i++) {
            groups[i] = index.data().get(Tensor.INT, 4L * i);
            if (groups[i] < 0 || groups[i] >= count) {
                throw new ModelFormatException(
                        index.place(), "expected groups 0 to " + (count - 1) + ", found " + groups[i]);
            }
        }
        return groups;
    }
}
