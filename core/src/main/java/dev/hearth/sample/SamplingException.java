package dev.hearth.sample;

import java.io.Serial;

/**
 * No token can be drawn from a row of logits: it holds what is not a number, or nothing is left to choose from. The request
 * fails; others in the batch go on. The message names the position, what was expected and what was found.
 */
public final class SamplingException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /** With the full message. */
    public SamplingException(String message) {
        super(message);
    }
}
