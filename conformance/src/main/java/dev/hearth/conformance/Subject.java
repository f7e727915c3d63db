package dev.hearth.conformance;

import dev.hearth.spi.Backend;
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

    /** How near an operation comes: to the bit unless said otherwise. */
    default Exactness exactness(Operation operation) {
        return Exactness.BITS;
    }

    /** The way to the device's memory. */
    default DeviceMemory memory() {
        return DeviceMemory.HOST;
    }
}
