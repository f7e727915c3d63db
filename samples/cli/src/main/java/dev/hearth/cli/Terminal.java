package dev.hearth.cli;

import java.io.Console;

/** Whether a person is watching. */
final class Terminal {
    private Terminal() {}

    /** True if standard input and output are a terminal. */
    @SuppressWarnings("SystemConsoleNull") // null it is, on JDK 25 too, where input comes from a pipe
    static boolean isThere() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }
}
