package dev.hearth.format;

import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import java.lang.foreign.MemorySegment;

/**
 * A tensor in a file: what it is and where its bytes lie. Readable from any thread until its catalogue is closed.
 *
 * @param name as the file spells it
 * @param type element type
 * @param shape sizes, outermost first; the innermost fills whole blocks of the type
 * @param data exactly the tensor's bytes, read-only, rows dense and in order. GGUF aligns it to at least 8 bytes;
 *     safetensors promises no alignment
 * @param file name of the file that holds it, for messages
 */
public record TensorInfo(String name, DType type, Shape shape, MemorySegment data, String file) {
    /** @throws IllegalArgumentException if data is writable or of another size than type and shape say */
    public TensorInfo {
        long expected = Math.multiplyExact(type.bytes(shape.width()), shape.rows());
        if (data.byteSize() != expected) {
            throw new IllegalArgumentException(name + ": expected " + expected + " bytes for " + type + " " + shape
                    + ", found " + data.byteSize());
        }
        if (!data.isReadOnly()) {
            throw new IllegalArgumentException(name + ": expected read-only data");
        }
    }

    /** Where an error about this tensor is: {@code "model.gguf: blk.7.attn_q.weight"}. */
    public String place() {
        return file + ": " + name;
    }
}
