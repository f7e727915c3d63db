package dev.hearth.chat.jinja;

import java.io.Serial;

/** What a running template raised, before the place is known. It carries no stack trace: templates raise often. */
public final class Failure extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final int line;

    Failure(String reason) {
        this(reason, 0);
    }

    Failure(String reason, int line) {
        super(reason, null, false, false);
        this.line = line;
    }

    /** The reason. */
    public String reason() {
        return String.valueOf(getMessage());
    }

    /** Line of the template, counted from 1; 0 while it isn't known. */
    public int line() {
        return line;
    }
}
