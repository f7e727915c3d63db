package dev.hearth;

import java.io.Serial;

/** The engine was closed before or while it worked on the request. */
public final class EngineClosedException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /** With the full message. */
    public EngineClosedException(String message) {
        super(message);
    }
}
