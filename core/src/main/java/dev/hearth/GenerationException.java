package dev.hearth;

import java.io.Serial;

/** A request failed; the cause says why. Other requests are not affected. */
public final class GenerationException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /** With the full message. */
    public GenerationException(String message) {
        super(message);
    }

    /** With the full message and what happened. */
    public GenerationException(String message, Throwable cause) {
        super(message, cause);
    }
}
