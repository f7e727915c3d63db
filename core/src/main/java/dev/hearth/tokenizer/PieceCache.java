package dev.hearth.tokenizer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The ids of short pieces met before. A fixed number of places, a newer piece replaces an older one with the same hash.
 * Threads share it without locks: an entry is immutable, and which of two racing entries stays does not matter.
 */
final class PieceCache {
    /** Longer pieces are rare and seldom come back. */
    static final int MAX_LENGTH = 24;

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

    static int hash(char[] text, int from, int to) {
        int h = 0;
        for (int i = from; i < to; i++) {
            h = h * 31 + text[i];
        }
        h *= 0x9E3779B9;
        return (h ^ h >>> 15) & PLACES - 1;
    }

    int @Nullable [] find(int hash, char[] text, int from, int to) {
        Entry entry = entries[hash];
        return entry != null && Arrays.equals(entry.piece, 0, entry.piece.length, text, from, to) ? entry.ids : null;
    }

    void put(int hash, char[] text, int from, int to, int[] ids) {
        entries[hash] = new Entry(Arrays.copyOfRange(text, from, to), ids);
    }
}
