package dev.hearth;

import java.io.Serial;

/** A request needs more positions than the engine's context has; the message gives the numbers. */
public final class ContextLengthException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /** With the full message. */
    public ContextLengthException(String message) {
        super(message);
    }
}
