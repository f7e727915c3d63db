package dev.hearth.schedule;

import java.io.Serial;

/** More sequences wait for their turn than the loop allows; this one was not taken, the others go on. */
public final class QueueFullException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    QueueFullException(int waiting, int limit) {
        super("engine: expected fewer than " + limit + " requests waiting, found " + waiting
                + "; try again later, or allow more when the engine is loaded");
    }
}
