package dev.hearth.format.packed;

import dev.hearth.format.StoredTensor;
import dev.hearth.format.packed.GroupedMatrix.Codes;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * FP4 E2M1, two codes a byte, the first in the low half. MXFP4 has a power of two for 32 columns and becomes blocks of that
 * type; NVFP4 has an E4M3 scale for 16 columns and one for the whole.
 */
final class Fp4Layout {
    private static final int BLOCK = 32;
    private static final int BLOCK_BYTES = BLOCK / 2;

    private Fp4Layout() {}

    /** gpt-oss: {@code NAME_blocks} U8 [experts, rows, columns / 32, 16] and {@code NAME_scales} [experts, rows, columns / 32]. */
    static PackedWeight blocks(Parts parts) {
        StoredTensor codes = parts.require("_blocks", "U8");
        StoredTensor scales = parts.require("_scales", "U8");
        long[] sizes = scales.shape().sizes();
        long[] expected = Arrays.copyOf(sizes, sizes.length + 1);
        expected[sizes.length] = BLOCK_BYTES;
        if (sizes.length < 2 || !codes.shape().equals(Shape.of(expected))) {
            throw Parts.wrong(codes, Shape.of(expected) + " for scales " + scales.shape());
        }
        sizes[sizes.length - 1] *= BLOCK;
        return microscaling(parts, codes.name(), codes, scales, PackedWeight.checked(codes, sizes));
    }

    /** Codes [rows, columns / 2] in the tensor with the ending {@code codesEnding}. */
    static PackedWeight rows(Parts parts, Packing packing, String codesEnding) {
        StoredTensor codes = parts.require(codesEnding, "U8", "I8", "F4");
        long[] sizes = codes.shape().sizes();
        if (sizes.length > 0 && !codes.typeName().equals("F4")) {
            sizes[sizes.length - 1] *= 2;
        }
        Shape shape = PackedWeight.checked(codes, sizes);
        StoredTensor scales =
                parts.find(".weight_scale").orElseGet(() -> parts.require(".weight_scale_inv", "U8", "F8_E8M0"));
        boolean exponents = scales.typeName().equals("U8") || scales.typeName().equals("F8_E8M0");
        long[] grid = shape.sizes();
        grid[grid.length - 1] /= BLOCK;
        if (exponents && shape.width() % BLOCK == 0 && scales.shape().equals(Shape.of(grid))) {
            return microscaling(parts, parts.name(".weight"), codes, scales, shape);
        }
        return twoScales(parts, packing, codes, Numbers.orExponents(scales), shape);
    }

    /** The second scale divides the first if it is {@code weight_global_scale}, else it multiplies it. */
    private static PackedWeight twoScales(
            Parts parts, Packing packing, StoredTensor codes, Numbers scales, Shape shape) {
        var grid = ScaleGrid.of(scales.tensor(), shape, packing);
        Optional<StoredTensor> divisor = parts.find(".weight_global_scale");
        Optional<StoredTensor> factor = divisor.isPresent() ? Optional.empty() : parts.find(".weight_scale_2");
        float divide = divisor.map(Fp4Layout::sole).orElse(1f);
        float multiply = factor.map(Fp4Layout::sole).orElse(1f);
        long rowBytes = shape.width() / 2;
        Codes rows = (row, out) -> {
            for (int i = 0; i < out.length; i++) {
                int pair = codes.data().get(ValueLayout.JAVA_BYTE, row * rowBytes + i / 2);
                out[i] = Float8.e2m1(pair >> 4 * (i % 2));
            }
        };
        var matrix = new GroupedMatrix(
                shape,
                DType.F32,
                rows,
                (row, group) -> 0,
                (row, group) -> scales.at(grid.index(row, group)) / divide * multiply,
                grid.groups());
        return PackedWeight.of(parts, parts.name(".weight"), "nvfp4", codes, matrix);
    }

    private static float sole(StoredTensor scale) {
        if (scale.shape().elements() != 1) {
            throw Parts.wrong(scale, "one number");
        }
        return Numbers.of(scale).at(0);
    }

    private static PackedWeight microscaling(
            Parts parts, String name, StoredTensor codes, StoredTensor scales, Shape shape) {
        return PackedWeight.of(
                parts, name, "MXFP4", codes, shape, DType.MXFP4, to -> write(codes.data(), scales.data(), to));
    }

    private static void write(MemorySegment codes, MemorySegment scales, MemorySegment to) {
        LongStream.range(0, scales.byteSize()).parallel().forEach(b -> {
            long at = b * DType.MXFP4.blockBytes();
            long low = codes.get(ValueLayout.JAVA_LONG_UNALIGNED, b * BLOCK_BYTES);
            long high = codes.get(ValueLayout.JAVA_LONG_UNALIGNED, b * BLOCK_BYTES + 8);
            to.set(ValueLayout.JAVA_BYTE, at, scales.get(ValueLayout.JAVA_BYTE, b));
            for (int i = 0; i < BLOCK_BYTES; i++) {
                to.set(ValueLayout.JAVA_BYTE, at + 1 + i, (byte) (low >>> 4 * i & 15 | (high >>> 4 * i & 15) << 4));
            }
        });
    }
}
