package dev.hearth.format;

import dev.hearth.tensor.Shape;
import java.lang.foreign.MemorySegment;

/**
 * A tensor of a safetensors file as it is stored, whatever its type: a weight, or a part of one that is packed. Readable from
 * any thread until its catalogue is closed.
 *
 * @param name as the file spells it
 * @param typeName element type as the file spells it, as in {@code "F8_E4M3"}
 * @param data exactly the tensor's bytes, read-only, of as many as type and shape say; not aligned
 * @param file name of the file that holds it, for messages
 */
public record StoredTensor(String name, String typeName, Shape shape, MemorySegment data, String file) {
    /** Where an error about this tensor is: {@code "model.safetensors: model.layers.0.mlp.up_proj.qweight"}. */
    public String place() {
        return file + ": " + name;
    }
}
