package dev.hearth.model;

import dev.hearth.format.ModelFormatException;
import dev.hearth.spi.WeightSource;
import dev.hearth.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * Several products that a file stores as the rows of one tensor, with their bias.
 *
 * @param bias F32, one a row
 */
record FusedWeight(WeightSource weight, Optional<MemorySegment> bias) {
    /** Rows [first, first + count), not copied. */
    FusedWeight rows(long first, long count) {
        return new FusedWeight(weight.rows(first, count), bias.map(b -> b.asSlice(4 * first, 4 * count)));
    }

    /**
     * The same rows, copied: what lies as {@code groups} groups, each with so many rows of every part, becomes the first part
     * of all groups, then the second, and so on.
     */
    FusedWeight byPart(int groups, List<Integer> parts, Arena arena) {
        long rowBytes = weight.type().bytes(weight.shape().width());
        MemorySegment data = byPart(weight.data(), rowBytes, groups, parts, arena);
        return new FusedWeight(
                new WeightSource(weight.name(), weight.type(), weight.shape(), data.asReadOnly()),
                bias.map(b -> byPart(b, 4, groups, parts, arena)));
    }

    private static MemorySegment byPart(
            MemorySegment from, long rowBytes, int groups, List<Integer> parts, Arena arena) {
        MemorySegment to = arena.allocate(from.byteSize(), 64);
        long groupRows = parts.stream().mapToLong(Integer::longValue).sum();
        long partStart = 0; // within a group
        long next = 0;
        for (int part : parts) {
            for (int group = 0; group < groups; group++) {
                long bytes = part * rowBytes;
                MemorySegment.copy(from, (group * groupRows + partStart) * rowBytes, to, next, bytes);
                next += bytes;
            }
            partStart += part;
        }
        return to;
    }

    /** Columns as rows, copied: [inputs, outputs], as Conv1D of transformers stores a product, to [outputs, inputs]. */
    static WeightSource transposed(WeightSource w, Arena arena) {
        if (w.type().isQuantised()) {
            throw new ModelFormatException(w.name(), "expected F32, F16 or BF16 to transpose, found " + w.type());
        }
        long rows = w.shape().width();
        long columns = w.shape().rows();
        long bytes = w.type().bytes(1);
        MemorySegment to = arena.allocate(w.data().byteSize(), 64);
        for (long row = 0; row < rows; row++) {
            for (long column = 0; column < columns; column++) {
                MemorySegment.copy(
                        w.data(), (column * rows + row) * bytes, to, (row * columns + column) * bytes, bytes);
            }
        }
        return new WeightSource(w.name(), w.type(), Shape.of(rows, columns), to.asReadOnly());
    }
}
