package dev.hearth.tokenizer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The ids of short pieces met before. A fixed number of places, a newer piece replaces an older one with the same hash.
 * Threads share it without locks: an entry is immutable, and which of two racing entries stays does not matter.
 */
final class PieceCache {
    /** Longer pieces are rare and seldom come back. */
    private static final int MAX_LENGTH = 24;

    private static final int PLACES = 1 << 15;

    private final @Nullable Entry[] entries = new @Nullable Entry[PLACES];

    /** The chars of a piece and its ids. */
    private static final class Entry {
        final char[] piece;
        final int[] ids;

        Entry(char[] piece, int[] ids) {
            this.piece = piece;
            this.ids = ids;
        }
    }

    /** Encodes a piece, or remembers its ids. */
    void encode(char[] text, int from, int to, IntList ids, Model.Encoder encoder) {
        if (to - from > MAX_LENGTH) {
            encoder.encode(text, from, to, ids);
            return;
        }
        int place = place(text, from, to);
        Entry known = entries[place];
        if (known != null && Arrays.equals(known.piece, 0, known.piece.length, text, from, to)) {
            ids.addAll(known.ids);
            return;
        }
        int start = ids.size();
        encoder.encode(text, from, to, ids);
        entries[place] = new Entry(Arrays.copyOfRange(text, from, to), ids.tail(start));
    }

    private static int place(char[] text, int from, int to) {
        int h = 0;
        for (int i = from; i < to; i++) {
            h = h * 31 + text[i];
        }
        h *= 0x9E3779B9;
        return (h ^ h >>> 15) & PLACES - 1;
    }
}
