package dev.hearth.spi;

/** Found by {@link java.util.ServiceLoader}: one kind of device, and whether this machine has it. */
public interface BackendProvider {
    /** Short name that a user chooses it by: {@code cpu}, {@code cuda}. */
    String name();

    /** Of the providers that are available the engine takes the one with the greatest rank: the CPU's is 0. */
    int rank();

    /**
     * Opens the backend for one engine.
     *
     * @throws BackendUnavailableException if this machine lacks what it needs; says what and how to mend it
     */
    Backend open(BackendOptions options);
}
