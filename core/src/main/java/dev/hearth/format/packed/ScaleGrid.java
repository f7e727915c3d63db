package dev.hearth.format.packed;

import dev.hearth.format.ModelFormatException;
import dev.hearth.format.StoredTensor;
import dev.hearth.tensor.Shape;
import java.util.OptionalInt;

/**
 * Scales, or zero points, of the blocks of a matrix or of several: one for all, one a row, one for a group of columns of each
 * row, or one for a block of rows and columns. The last blocks may be cut off by the edge.
 */
final class ScaleGrid {
    /** Rows and columns of a block where a model doesn't say and they don't divide evenly; DeepSeek-V3's. */
    private static final int USUAL_BLOCK = 128;

    private final long rows; // of one matrix
    private final int columns;
    private final long matrixStride; // from the scales of one matrix to the next, 0 if they share them
    private final long gridRows;
    private final long gridColumns;
    private final long blockRows;
    private final long blockColumns;

    private ScaleGrid(StoredTensor scales, Shape weight, Packing packing) {
        this.rows = weight.size(-2);
        this.columns = (int) weight.width();
        long matrices = weight.rows() / rows;
        Shape shape = scales.shape();
        boolean perMatrix = matrices > 1 && shape.rank() > 0 && shape.size(0) == matrices;
        int outer = perMatrix ? 1 : 0;
        int rank = shape.rank() - outer;
        if (rank > 2 || shape.elements() == 0) {
            throw wrong(scales, weight);
        }
        this.gridRows = rank >= 1 ? shape.size(outer) : 1;
        this.gridColumns = rank == 2 ? shape.size(outer + 1) : 1;
        this.matrixStride = perMatrix ? gridRows * gridColumns : 0;
        this.blockRows = block(rows, gridRows, packing.blockRows(), scales, weight);
        this.blockColumns = block(columns, gridColumns, packing.blockColumns(), scales, weight);
    }

    /**
     * The grid of a tensor of scales.
     *
     * @param weight at least 1 in each axis
     * @throws ModelFormatException if it doesn't fit the weight
     */
    static ScaleGrid of(StoredTensor scales, Shape weight, Packing packing) {
        return new ScaleGrid(scales, weight, packing);
    }

    /** Which scale belongs to a group of columns of a row, the rows of all matrices counted through. */
    long index(long row, int group) {
        return row / rows * matrixStride + row % rows / blockRows * gridColumns + group;
    }

    /** Of which group each column is. */
    int[] groups() {
        int[] groups = new int[columns];
        for (int i = 0; i < columns; i++) {
            groups[i] = (int) (i / blockColumns);
        }
        return groups;
    }

    /** Groups of columns. */
    int groupCount() {
        return (int) gridColumns;
    }

    /** Rows of scales, those of one matrix. */
    long gridRows() {
        return gridRows;
    }

    private static long block(long size, long count, OptionalInt said, StoredTensor scales, Shape weight) {
        if (count == 1) {
            return size;
        }
        if (count == size) {
            return 1;
        }
        if (said.isPresent() && blocks(size, said.getAsInt()) == count) {
            return said.getAsInt();
        }
        if (count > 0 && size % count == 0) {
            return size / count;
        }
        if (blocks(size, USUAL_BLOCK) == count) {
            return USUAL_BLOCK;
        }
        throw wrong(scales, weight);
    }

    private static long blocks(long size, int block) {
        return (size + block - 1) / block;
    }

    private static ModelFormatException wrong(StoredTensor scales, Shape weight) {
        return Parts.wrong(scales, "scales that divide the weight " + weight + " into equal blocks");
    }
}
