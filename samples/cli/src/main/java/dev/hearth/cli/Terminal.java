package dev.hearth.cli;

/** Whether a person is watching. */
final class Terminal {
    private Terminal() {}

    /** True if standard input and output are a terminal. */
    static boolean isThere() {
        return System.console().isTerminal(); // never null from JDK 22 on
    }
}
