package dev.hearth.format.packed;

import dev.hearth.format.StoredTensor;
import dev.hearth.format.packed.GroupedMatrix.PerGroup;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/**
 * Floating-point numbers of 8 bits, with the scale that each is multiplied by: for the whole, each row, groups or blocks
 * ({@code weight_scale_inv} of DeepSeek-V3, arXiv:2412.19437, section 3.3; {@code weight_scale} of others), or none.
 */
final class Float8Layout {
    private static final List<String> SCALES = List.of("_scale_inv", "_scale");
    private static final List<String> SCALES_OF_MODULE = List.of(".scale", ".qscale_weight");
    private static final String WEIGHT = ".weight";

    private Float8Layout() {}

    /** The tensor {@code name} of one of these types. */
    static PackedWeight read(Parts parts, Packing packing, String type) {
        StoredTensor codes = parts.require("", type);
        float[] values = Float8.values(type);
        Optional<Numbers> scales = scales(parts);
        Shape shape = codes.shape().rank() == 1
                ? vector(codes, scales)
                : PackedWeight.checked(codes, codes.shape().sizes());
        int columns = (int) shape.width();
        PerGroup scaleAt = (row, group) -> 1;
        int[] groups = new int[columns];
        if (scales.isPresent()) {
            Numbers numbers = scales.get();
            var grid = ScaleGrid.of(numbers.tensor(), shape, packing);
            scaleAt = (row, group) -> numbers.at(grid.index(row, group));
            groups = grid.groups();
        }
        var matrix = new GroupedMatrix(
                shape,
                scales.map(ExactType::ofFloats).orElse(DType.BF16),
                (row, out) -> {
                    for (int i = 0; i < columns; i++) {
                        out[i] = values[codes.data().get(ValueLayout.JAVA_BYTE, row * columns + i) & 0xff];
                    }
                },
                (row, group) -> 0,
                scaleAt,
                groups);
        return PackedWeight.of(parts, codes.name(), type, codes, matrix);
    }

    private static Optional<Numbers> scales(Parts parts) {
        for (String ending : SCALES) {
            Optional<StoredTensor> found = parts.find(ending);
            if (found.isPresent()) {
                return found.map(Numbers::orExponents);
            }
        }
        if (parts.name("").endsWith(WEIGHT)) {
            for (String ending : SCALES_OF_MODULE) {
                Optional<StoredTensor> found = parts.findBeside(WEIGHT, ending);
                if (found.isPresent()) {
                    return found.map(Numbers::orExponents);
                }
            }
        }
        return Optional.empty();
    }

    private static Shape vector(StoredTensor codes, Optional<Numbers> scales) {
        if (scales.isPresent() || codes.shape().elements() == 0) {
            throw Parts.wrong(codes, "a matrix for these scales");
        }
        return codes.shape();
    }
}
