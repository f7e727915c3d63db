package dev.hearth.format;

import java.io.Serial;

/**
 * A model file that cannot be used: broken, truncated, or of a kind that is not supported. The message names the file and
 * the place in it, what was expected, what was found, and where there is one a remedy.
 */
public final class ModelFormatException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /** {@code place} is a file and the spot in it, as in {@code "model.gguf: blk.7.attn_q.weight"}. */
    public ModelFormatException(String place, String problem) {
        super(place + ": " + problem);
    }

    /** As {@link #ModelFormatException(String, String)}, with what a reader threw. */
    public ModelFormatException(String place, String problem, Throwable cause) {
        super(place + ": " + problem, cause);
    }
}
