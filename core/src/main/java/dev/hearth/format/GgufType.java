package dev.hearth.format;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The thirteen kinds of metadata value, with their ids (ggml/docs/gguf.md, {@code gguf_metadata_value_type}). */
enum GgufType {
    UINT8(0, 1),
    INT8(1, 1),
    UINT16(2, 2),
    INT16(3, 2),
    UINT32(4, 4),
    INT32(5, 4),
    FLOAT32(6, 4),
    BOOL(7, 1),
    /** A 64-bit count of bytes, then UTF-8. */
    STRING(8, 8),
    /** A 32-bit id of the elements' kind, a 64-bit count, then the elements. */
    ARRAY(9, 12),
    UINT64(10, 8),
    INT64(11, 8),
    FLOAT64(12, 8);

    private static final Map<Integer, GgufType> BY_ID =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(t -> t.id, Function.identity()));

    final int id;

    /** Bytes of a value; of a string or an array its least, empty. */
    final int leastBytes;

    GgufType(int id, int leastBytes) {
        this.id = id;
        this.leastBytes = leastBytes;
    }

    /** The kind with this id, empty if there is none. */
    static Optional<GgufType> of(int id) {
        return Optional.ofNullable(BY_ID.get(id));
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
