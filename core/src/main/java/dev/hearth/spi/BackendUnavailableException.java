package dev.hearth.spi;

import java.io.Serial;

/** A backend that was asked for cannot be used here; the message names it, the reason and a remedy. */
public final class BackendUnavailableException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /** With the full message. */
    public BackendUnavailableException(String message) {
        super(message);
    }
}
