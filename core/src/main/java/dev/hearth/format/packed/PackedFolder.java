package dev.hearth.format.packed;

import dev.hearth.format.Loading;
import dev.hearth.format.ModelFolder;
import dev.hearth.format.SafetensorsFolder;
import dev.hearth.format.TensorCatalog;

/** The weights of a folder, packed or not. */
public final class PackedFolder {
    private PackedFolder() {}

    /**
     * Weights under the names that the files give them, packed ones as what they stand for; to be closed by the caller.
     *
     * @throws dev.hearth.format.ModelFormatException if there are none, they are broken, or packed in a way that isn't known
     */
    public static TensorCatalog open(ModelFolder folder, Loading loading) {
        Packing packing = Packing.of(folder);
        SafetensorsFolder files = folder.weights(loading);
        try {
            return new PackedTensors(files, packing);
        } catch (RuntimeException | Error e) {
            files.close();
            throw e;
        }
    }
}
