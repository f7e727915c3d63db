package dev.hearth.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A position that moves forward over little-endian bytes and refuses to leave them. For one thread. */
final class GgufCursor {
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** The specification's bound on keys; tensors' names are shorter still. */
    private static final int MOST_NAME_BYTES = 65_535;

    private static final int DEEPEST_ARRAY = 8;

    private final String place;
    private final MemorySegment bytes;
    private long position;

    GgufCursor(String place, MemorySegment bytes) {
        this.place = place;
        this.bytes = bytes;
    }

    long position() {
        return position;
    }

    MemorySegment bytes() {
        return bytes;
    }

    String place() {
        return place;
    }

    /** An unsigned 32-bit integer. */
    long uint32(String what) {
        return Integer.toUnsignedLong(bytes.get(INT, advance(4, what)));
    }

    /** Eight bytes as they are; a caller for whom they are unsigned refuses negative ones. */
    long int64(String what) {
        return bytes.get(LONG, advance(8, what));
    }

    /** How many things of at least {@code leastBytes} each follow, refused if they couldn't. */
    long count(String what, int leastBytes) {
        long count = bytes.get(LONG, advance(8, what));
        long most = remaining() / leastBytes;
        if (count < 0 || count > most) {
            throw broken("expected at most " + most + " " + what + " in the bytes that follow, found "
                    + Long.toUnsignedString(count));
        }
        return count;
    }

    /** The name of a key or a tensor. */
    String name(String what) {
        long count = count("bytes in the name of " + what, 1);
        if (count > MOST_NAME_BYTES) {
            throw broken("expected a name of at most " + MOST_NAME_BYTES + " bytes for " + what + ", found " + count);
        }
        long at = advance(count, what);
        return new String(bytes.asSlice(at, count).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    /** The kind of a value. */
    GgufType type(String key) {
        int id = (int) uint32("the type of " + key);
        return GgufType.of(id)
                .orElseThrow(() -> broken(
                        "expected a value type from 0 to 12 for " + key + ", found " + Integer.toUnsignedString(id)));
    }

    /** Passes over a value. */
    void skip(GgufType type, String key) {
        skip(type, key, 0);
    }

    private void skip(GgufType type, String key, int depth) {
        switch (type) {
            case STRING -> skipStrings(1, key);
            case ARRAY -> {
                if (depth == DEEPEST_ARRAY) {
                    throw broken(
                            "expected arrays nested at most " + DEEPEST_ARRAY + " deep in " + key + ", found more");
                }
                GgufType element = type(key);
                long count = count("elements of " + key, element.leastBytes);
                if (element.hasFixedSize()) {
                    advance(count * element.leastBytes, key); // count() has shown that this much is left
                } else if (element == GgufType.STRING) {
                    skipStrings(count, key);
                } else {
                    for (long i = 0; i < count; i++) {
                        skip(element, key, depth + 1);
                    }
                }
            }
            default -> advance(type.leastBytes, key);
        }
    }

    private void skipStrings(long count, String key) {
        String what = "bytes in a string of " + key;
        for (long i = 0; i < count; i++) {
            advance(count(what, 1), what);
        }
    }

    ModelFormatException broken(String problem) {
        return new ModelFormatException(place + ": byte " + position, problem + "; the file is broken or cut short");
    }

    private long remaining() {
        return bytes.byteSize() - position;
    }

    private long advance(long count, String what) {
        if (count > remaining()) {
            throw broken("expected " + count + " bytes for " + what + ", found " + remaining());
        }
        long at = position;
        position += count;
        return at;
    }
}
