package dev.hearth.conformance;

import dev.hearth.spi.Backend;
import dev.hearth.tensor.DType;
import java.util.List;

/** The backend that the kit tries, and what it claims. */
public interface Subject {
    /**
     * Opens the backend; its first device is tried, and the kit closes it.
     *
     * @param threads one of {@link #threadCounts()}
     */
    Backend open(int threads);

    /** The numbers of threads to try; their results must not differ. A backend that doesn't let choose returns 1 alone. */
    default List<Integer> threadCounts() {
        return List.of(1, 2, 3, 4);
    }

    /**
     * How near an operation comes: to the bit unless said otherwise.
     *
     * @param activations of its products with weights: F32, or what {@link dev.hearth.spi.Precision#FAST} rounds them to; F32 where there are none
     */
    default Exactness exactness(Operation operation, DType activations) {
        return Exactness.BITS;
    }

    /**
     * Whether the backend has an operation for weights of this type, F32 for operations without weights. What it hasn't it must refuse with
     * an {@link dev.hearth.spi.UnsupportedOnDeviceException}.
     */
    default boolean supports(Operation operation, DType weight) {
        return true;
    }
}
