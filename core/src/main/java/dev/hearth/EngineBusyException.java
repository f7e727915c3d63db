package dev.hearth;

import java.io.Serial;

/** So many requests wait for their turn already that the engine takes no more; those go on. The message has the numbers. */
public final class EngineBusyException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /** With the full message. */
    public EngineBusyException(String message, Throwable cause) {
        super(message, cause);
    }
}
