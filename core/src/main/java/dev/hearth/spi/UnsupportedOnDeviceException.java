package dev.hearth.spi;

import java.io.Serial;

/** A device hasn't an operation, or not for such types and sizes; the message names device and operation. Nothing was computed. */
public final class UnsupportedOnDeviceException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /** With the full message. */
    public UnsupportedOnDeviceException(String message) {
        super(message);
    }
}
