package dev.hearth.tokenizer;

import java.util.function.IntUnaryOperator;

/** The id of each byte, -1 for one that has no token. Immutable. */
final class ByteIds {
    static final ByteIds NONE = new ByteIds(b -> -1);

    private final int[] ids = new int[256];

    ByteIds(IntUnaryOperator idOf) {
        for (int b = 0; b < 256; b++) {
            ids[b] = idOf.applyAsInt(b);
        }
    }

    /** Those of a byte-level vocabulary. */
    static ByteIds inAlphabet(Vocabulary vocabulary) {
        return new ByteIds(b -> vocabulary.find(String.valueOf(ByteAlphabet.charOf(b))));
    }

    /** Those of {@code <0x00>} to {@code <0xFF>}. */
    static ByteIds fallback(Vocabulary vocabulary) {
        return new ByteIds(b -> vocabulary.find("<0x%02X>".formatted(b)));
    }

    /** Of a byte from 0 to 255. */
    int get(int unsignedByte) {
        return ids[unsignedByte];
    }

    /** The first byte without a token, or -1. */
    int missing() {
        for (int b = 0; b < 256; b++) {
            if (ids[b] < 0) {
                return b;
            }
        }
        return -1;
    }
}
