package dev.hearth.format.packed;

import dev.hearth.format.ModelFormatException;
import dev.hearth.format.StoredTensor;
import dev.hearth.format.packed.GroupedMatrix.Codes;
import dev.hearth.format.packed.GroupedMatrix.PerGroup;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * Whole numbers of compressed-tensors: weight I8 [rows, columns], or weight_packed I32 with codes of 1 to 8 bits along rows and
 * weight_shape; weight_scale for the whole, each row, groups or blocks; weight_zero_point of the same shape, or packed down
 * columns; weight_g_idx, the group of each column.
 */
final class CompressedLayout {
    private final Parts parts;
    private final Shape shape;
    private final Numbers scales;
    private final ScaleGrid grid;

    private CompressedLayout(Parts parts, Packing packing, Shape shape) {
        this.parts = parts;
        this.shape = shape;
        StoredTensor stored = parts.require(".weight_scale", "F32", "F16", "BF16");
        this.scales = Numbers.of(stored);
        this.grid = ScaleGrid.of(stored, shape, packing);
    }

    /** A weight whose codes are bytes. */
    static PackedWeight bytes(Parts parts, Packing packing) {
        StoredTensor codes = parts.require(".weight", "I8");
        Shape shape = PackedWeight.checked(codes, codes.shape().sizes());
        int columns = (int) shape.width();
        return new CompressedLayout(parts, packing, shape).weight(codes, 8, 0, (row, out) -> {
            for (int i = 0; i < columns; i++) {
                out[i] = codes.data().get(ValueLayout.JAVA_BYTE, row * columns + i);
            }
        });
    }

    /** A weight whose codes are packed in words. */
    static PackedWeight words(Parts parts, Packing packing) {
        StoredTensor codes = parts.require(".weight_packed", "I32");
        StoredTensor stored = parts.require(".weight_shape", "I64", "I32");
        long[] sizes = codes.shape().sizes();
        long words = codes.shape().width();
        long columns = lastOf(stored);
        if (sizes.length < 2 || columns < 1 || columns > words * 32) {
            throw new ModelFormatException(
                    stored.place(), "expected the shape of " + codes.shape() + " unpacked, found columns " + columns);
        }
        sizes[sizes.length - 1] = columns;
        Shape shape = PackedWeight.checked(codes, sizes);
        int bits = bits(codes, columns, packing);
        boolean dense = BitCodes.words(columns, bits) == words;
        return new CompressedLayout(parts, packing, shape).weight(codes, bits, 1 << (bits - 1), (row, out) -> {
            if (dense) {
                BitCodes.read(codes.data(), 4 * row * words, 4, bits, out);
            } else {
                BitCodes.readWhole(codes.data(), 4 * row * words, bits, out);
            }
        });
    }

    private static long lastOf(StoredTensor sizes) {
        long count = sizes.shape().elements();
        if (sizes.shape().rank() != 1 || count < 2) {
            throw Parts.wrong(sizes, "two sizes");
        }
        return sizes.typeName().equals("I64")
                ? sizes.data().get(ValueLayout.JAVA_LONG_UNALIGNED, 8 * (count - 1))
                : sizes.data().get(Tensor.INT, 4 * (count - 1));
    }

    /** What the scheme says if it fits, else what fits. */
    private static int bits(StoredTensor codes, long columns, Packing packing) {
        long words = codes.shape().width();
        for (int bits : packing.schemeBits()) {
            if (bits >= 1 && bits <= 8 && fits(words, columns, bits)) {
                return bits;
            }
        }
        for (int bits : new int[] {4, 8, 2, 3, 5, 6, 7, 1}) {
            if (fits(words, columns, bits)) {
                return bits;
            }
        }
        throw Parts.wrong(codes, "words for " + columns + " codes of 1 to 8 bits in each row");
    }

    private static boolean fits(long words, long columns, int bits) {
        int perWord = 32 / bits;
        return BitCodes.words(columns, bits) == words || (columns + perWord - 1) / perWord == words;
    }

    /** @param middle what is to be taken from a code that has no zero point */
    private PackedWeight weight(StoredTensor codes, int bits, int middle, Codes rows) {
        Optional<StoredTensor> zeros = parts.find(".weight_zero_point");
        int[] groups = parts.find(".weight_g_idx").map(this::indexed).orElseGet(grid::groups);
        int least = -(1 << (bits - 1));
        int span = zeros.isPresent() ? (1 << bits) - 1 : 0; // a zero point is as likely as any code
        PerGroup zeroAt = zeros.map(z -> zeroPoints(z, bits, middle)).orElse((row, group) -> middle);
        if (zeros.isPresent() && areMiddle(zeroAt, middle)) {
            span = 0;
        }
        DType type = span == 0
                ? ExactType.ofWhole(groups, least, -1 - least, scales)
                : ExactType.ofWhole(groups, -span, span, scales);
        var matrix =
                new GroupedMatrix(shape, type, rows, zeroAt, (row, group) -> scales.at(grid.index(row, group)), groups);
        return PackedWeight.of(parts, parts.name(".weight"), "int" + bits, codes, matrix);
    }

    private boolean areMiddle(PerGroup zeroAt, int middle) {
        for (long row = 0; row < shape.rows(); row++) {
            for (int group = 0; group < grid.groupCount(); group++) {
                if (zeroAt.at(row, group) != middle) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Bytes laid out as the scales, or words with the codes of 32 bits' worth of rows. */
    private PerGroup zeroPoints(StoredTensor zeros, int bits, int middle) {
        if (zeros.typeName().equals("I8") && zeros.shape().elements() == scales.count()) {
            return (row, group) -> zeros.data().get(ValueLayout.JAVA_BYTE, grid.index(row, group)) + middle;
        }
        long rows = shape.size(-2);
        int count = grid.groupCount();
        if (!zeros.typeName().equals("I32") || shape.rank() != 2 || grid.gridRows() != rows) {
            throw Parts.wrong(zeros, "zero points for scales " + scales.tensor().shape());
        }
        if (zeros.shape().equals(Shape.of(BitCodes.words(rows, bits), count))) {
            return (row, group) -> BitCodes.at(zeros.data(), 4L * group, 4L * count, row, bits);
        }
        int perWord = 32 / bits;
        if (!zeros.shape().equals(Shape.of((rows + perWord - 1) / perWord, count))) {
            throw Parts.wrong(zeros, "[" + BitCodes.words(rows, bits) + ", " + count + "]");
        }
        return (row, group) -> BitCodes.at(zeros.data(), 4 * (row / perWord * count + group), 4, row % perWord, bits);
    }

    private int[] indexed(StoredTensor index) {
        int[] groups = grid.groups();
        if (!index.typeName().equals("I32") || !index.shape().equals(Shape.of(groups.length))) {
            throw Parts.wrong(index, "I32 [" + groups.length + "]");
        }
        int[] found = new int[groups.length];
        for (int i = 0; i < found.length; i++) {
            found[i] = index.data().get(Tensor.INT, 4L * i);
            if (found[i] == -1) { // as the writer leaves it where the order isn't by activation
                return groups;
            }
            if (found[i] < 0 || found[i] >= grid.groupCount()) {
                throw new ModelFormatException(
                        index.place(), "expected groups 0 to " + (grid.groupCount() - 1) + ", found " + found[i]);
            }
        }
        return found;
    }
}
