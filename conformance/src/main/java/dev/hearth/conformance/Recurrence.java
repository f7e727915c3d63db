package dev.hearth.conformance;

import dev.hearth.spi.Batch;
import dev.hearth.spi.RecurrentView;
import dev.hearth.tensor.Tensor;

/** An operation with a state of fixed size on one set of rows: on a device, and in double precision. */
interface Recurrence {
    /** Where results go. */
    enum Form {
        /** To a tensor of their own. */
        APART,
        /** To that of the inputs. */
        IN_PLACE
    }

    /** What is called. */
    Operation operation();

    /** The sizes. */
    String name();

    /** Rows of all sequences. */
    int rows();

    /** Numbers of a sequence's state. */
    int stateSize();

    /** Results of rows [from, to) by one call, the state beginning at number {@code stateOffset} of its layer's. */
    Tensor run(Bench bench, int from, int to, RecurrentView state, int stateOffset, Batch batch);

    /** The row's result; {@code state} becomes that after the row. */
    Bounded[] step(int row, Bounded[] state);
}
