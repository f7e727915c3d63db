package dev.hearth.chat;

import java.io.Serial;

/**
 * A chat template that refused its input, did what the sandbox forbids, or ran past a bound. The message names the
 * template and the line, then the reason.
 */
public final class TemplateException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final String reason;

    /** {@code place} is the template and the line; {@code reason} what went wrong, for {@code raise_exception} its argument. */
    public TemplateException(String place, String reason) {
        super(place + ": " + reason);
        this.reason = reason;
    }

    /** The reason alone: of {@code raise_exception} exactly what the template said. */
    public String reason() {
        return reason;
    }
}
