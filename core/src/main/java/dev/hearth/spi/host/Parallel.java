package dev.hearth.spi.host;

import dev.hearth.spi.Device;
import java.util.function.IntConsumer;

/** Splits a range of independent tasks over threads. */
public interface Parallel {
    /** A part of the range. */
    @FunctionalInterface
    interface Range {
        /** Does tasks [from, to). */
        void run(long from, long to);
    }

    /**
     * Does tasks [0, count), in any order and any number of pieces, and returns when all are done.
     *
     * @param grain fewest tasks worth a thread or a call of their own
     */
    void run(long count, long grain, Range range);

    /** Does tasks [0, count), each apart. */
    default void each(int count, IntConsumer task) {
        run(count, 1, (from, to) -> {
            for (int i = (int) from; i < to; i++) {
                task.accept(i);
            }
        });
    }

    /** Most threads that a range is split over. */
    default int threadCount() {
        return 1;
    }

    /** Makes the calling thread one of them until the turn is closed. */
    default Device.Turn turn() {
        return () -> {};
    }

    /** All on the calling thread. */
    Parallel SERIAL = (count, grain, range) -> range.run(0, count);
}
