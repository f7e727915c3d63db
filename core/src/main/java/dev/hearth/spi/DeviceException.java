package dev.hearth.spi;

import java.io.Serial;

/** A device failed while it worked; the message names operation and device. */
public final class DeviceException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /** With the full message. */
    public DeviceException(String message) {
        super(message);
    }
}
