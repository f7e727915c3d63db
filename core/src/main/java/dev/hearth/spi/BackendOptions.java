package dev.hearth.spi;

import java.util.OptionalInt;

/**
 * What an engine asks of a backend.
 *
 * @param threads how many threads compute on the CPU; empty lets the backend choose
 * @param placement where these threads run
 */
public record BackendOptions(OptionalInt threads, Placement placement) {
    /** Where threads that compute run. */
    public enum Placement {
        /** Where the system puts them. */
        FREE,
        /** Each on a physical core of its own, as long as it computes. */
        PINNED
    }

    /** Threads where the system puts them. */
    public BackendOptions(OptionalInt threads) {
        this(threads, Placement.FREE);
    }

    /** Everything left to the backend. */
    public static final BackendOptions DEFAULT = new BackendOptions(OptionalInt.empty());
}
