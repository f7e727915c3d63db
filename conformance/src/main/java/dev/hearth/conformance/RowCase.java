package dev.hearth.conformance;

import dev.hearth.tensor.DType;
import java.util.List;

/**
 * One operation on one set of inputs, whose rows are independent. All a row's results, of whatever type, stand one after the
 * other as F32, which holds int8, int16 and the ids that occur.
 */
interface RowCase {
    /** Chunks that batching may cut rows into: around the 1, 8 and 16 rows that kernels like. */
    List<Integer> ALL_CHUNKS = List.of(1, 2, 8, 9, 16, 17);

    /** What is called. */
    Operation operation();

    /** The sizes. */
    String name();

    /** Rows of the whole. */
    int rows();

    /** Types of its weights, F32 where there are none. */
    default List<DType> types() {
        return List.of(DType.F32);
    }

    /** Types that activations have in its products with weights, F32 where there are none. */
    default List<DType> activations() {
        return List.of(DType.F32);
    }

    /** Results of rows [from, to) by one call that has no others. */
    float[][] run(Bench bench, int from, int to);

    /** What the row must be in double precision. */
    Expected expected(int row);

    /** Sizes of the chunks to try. */
    default List<Integer> chunks() {
        return ALL_CHUNKS;
    }
}
