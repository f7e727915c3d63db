package dev.hearth.format;

import java.util.Locale;

/** The thirteen kinds of metadata value, in the order of their ids (ggml/docs/gguf.md, {@code gguf_metadata_value_type}). */
enum GgufType {
    UINT8(1),
    INT8(1),
    UINT16(2),
    INT16(2),
    UINT32(4),
    INT32(4),
    FLOAT32(4),
    BOOL(1),
    /** A 64-bit count of bytes, then UTF-8. */
    STRING(8),
    /** A 32-bit id of the elements' kind, a 64-bit count, then the elements. */
    ARRAY(12),
    UINT64(8),
    INT64(8),
    FLOAT64(8);

    /** Bytes of a value; of a string or an array its least, empty. */
    final int leastBytes;

    GgufType(int leastBytes) {
        this.leastBytes = leastBytes;
    }

    boolean hasFixedSize() {
        return this != STRING && this != ARRAY;
    }

    boolean isInteger() {
        return switch (this) {
            case UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64 -> true;
            default -> false;
        };
    }

    /** As messages print it. */
    String shown() {
        return name().toLowerCase(Locale.ROOT);
    }
}
