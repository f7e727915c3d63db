package dev.hearth.adapter;

import java.nio.file.Path;

/**
 * An adapter to merge into a model.
 *
 * @param path a folder in PEFT's layout
 * @param scale what its changes are multiplied by, beside its own scaling; 1 as it was trained
 */
public record AdapterFolder(Path path, double scale) {
    /** @throws IllegalArgumentException if the scale is no number */
    public AdapterFolder {
        if (!(Math.abs(scale) <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException("adapter " + path + ": expected a finite scale, found " + scale);
        }
    }
}
