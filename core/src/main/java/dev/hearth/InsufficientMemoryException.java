package dev.hearth;

import java.io.Serial;

/** What was asked for does not fit into memory; the message gives the arithmetic. */
public final class InsufficientMemoryException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /** With the full message. */
    public InsufficientMemoryException(String message) {
        super(message);
    }
}
