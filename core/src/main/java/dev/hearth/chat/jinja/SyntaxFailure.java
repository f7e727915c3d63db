package dev.hearth.chat.jinja;

import java.io.Serial;

/** A template that isn't Jinja, at a line of its source. */
public final class SyntaxFailure extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final int line;

    SyntaxFailure(String problem, int line) {
        super(problem, null, false, false);
        this.line = line;
    }

    /** What is wrong. */
    public String problem() {
        return String.valueOf(getMessage());
    }

    /** Line of the template, counted from 1. */
    public int line() {
        return line;
    }
}
