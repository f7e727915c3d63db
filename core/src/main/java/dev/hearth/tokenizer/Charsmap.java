package dev.hearth.tokenizer;

import dev.hearth.format.ModelFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;

/**
 * SentencePiece's {@code precompiled_charsmap}: what parts of a text become. A double array over UTF-8 bytes, whose entries
 * have a label in bits 0 to 7, whether a value follows in bit 8, the offset of the children in bits 10 to 30 (times 256 if bit 9
 * is set), or the value; values are places of NUL-terminated strings behind the array. Yata et al., darts-clone; Kudo and
 * Richardson 2018, arXiv:1808.06226. Immutable, thread-safe.
 */
final class Charsmap {
    /** Keys and strings that are longer come from no real map, and would make a short text a long one. */
    private static final int MAX_BYTES = 1024;

    private final int[] units;
    private final byte[] strings;
    /** Characters of the basic plane that the map has something for. */
    private final BitSet mapped = new BitSet(0x10000);

    private Charsmap(int[] units, byte[] strings) {
        this.units = units;
        this.strings = strings;
        for (int c = 1; c < 0x10000; c++) {
            byte[] utf8 = Character.toString(c).getBytes(StandardCharsets.UTF_8);
            mapped.set(c, find(utf8, 0, utf8.length, Match.SHORTEST) >= 0);
        }
    }

    /**
     * Reads it; an empty map changes nothing.
     *
     * @throws ModelFormatException if sizes don't fit
     */
    static Charsmap read(String place, byte[] file) {
        if (file.length == 0) {
            return new Charsmap(new int[0], new byte[0]);
        }
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        long size = file.length < 4 ? -1 : Integer.toUnsignedLong(in.getInt());
        if (size < 0 || size > in.remaining() || size % 4 != 0) {
            throw new ModelFormatException(
                    place, "expected the size of an array in " + file.length + " bytes, found " + size);
        }
        int[] units = new int[(int) size / 4];
        in.asIntBuffer().get(units);
        in.position(4 + (int) size);
        byte[] strings = new byte[in.remaining()];
        in.get(strings);
        checkLengths(place, strings);
        return new Charsmap(units, strings);
    }

    private static void checkLengths(String place, byte[] strings) {
        int length = 0;
        for (byte b : strings) {
            length = b == 0 ? 0 : length + 1;
            if (length > MAX_BYTES) {
                throw new ModelFormatException(
                        place, "expected strings of up to " + MAX_BYTES + " bytes, found a longer one");
            }
        }
    }

    /** Which of several parts of the map that a text begins with counts. */
    enum Match {
        /** The shortest. */
        SHORTEST,
        /** The longest. */
        LONGEST
    }

    /**
     * Looks up what {@code utf8} begins with.
     *
     * @return {@code length of the part << 32 | place of what it becomes}, or -1
     */
    long find(byte[] utf8, int from, int to, Match match) {
        long found = -1;
        int node = 0;
        if (units.length == 0) {
            return found;
        }
        node ^= offset(units[node]);
        for (int i = from; i < Math.min(to, from + MAX_BYTES); i++) {
            int c = utf8[i] & 0xFF;
            node ^= c;
            if (c == 0 || node < 0 || node >= units.length || (units[node] & 0x800000FF) != c) {
                return found;
            }
            boolean hasValue = (units[node] >>> 8 & 1) == 1;
            node ^= offset(units[node]);
            if (node < 0 || node >= units.length) {
                return found;
            }
            int value = units[node] & Integer.MAX_VALUE;
            if (hasValue && value < strings.length) {
                found = (long) (i + 1 - from) << 32 | value;
                if (match == Match.SHORTEST) {
                    return found;
                }
            }
        }
        return found;
    }

    /** Whether a character, or half of one beyond the basic plane, may become another. */
    boolean maps(char c) {
        return Character.isSurrogate(c) || mapped.get(c);
    }

    private static int offset(int unit) {
        return (unit >>> 10) << ((unit & 1 << 9) >>> 6);
    }

    /** The string at a place that {@link #find} gave. */
    String string(int place) {
        int end = place;
        while (end < strings.length && strings[end] != 0) {
            end++;
        }
        return new String(strings, place, end - place, StandardCharsets.UTF_8);
    }
}
