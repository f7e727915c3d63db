package dev.hearth.cli;

/** Whether a person is watching. */
final class Terminal {
    private Terminal() {}

    /** True if standard input and output are a terminal. */
    static boolean isThere() {
        var console = System.console(); // null up to JDK 21, and where a JVM is told so
        return console != null && console.isTerminal();
    }
}
