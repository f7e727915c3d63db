package dev.hearth.spi;

import java.util.OptionalInt;

/**
 * What an engine asks of a backend.
 *
 * @param threads how many threads compute on the CPU; empty lets the backend choose
 */
public record BackendOptions(OptionalInt threads) {
    /** Everything left to the backend. */
    public static final BackendOptions DEFAULT = new BackendOptions(OptionalInt.empty());
}
