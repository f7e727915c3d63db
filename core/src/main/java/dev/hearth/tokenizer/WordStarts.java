package dev.hearth.tokenizer;

import java.util.BitSet;
import java.util.Optional;

/**
 * Where SentencePiece's {@code ▁} starts a word for certain. If no merge has a left part that ends with x and a right part that
 * begins with ▁, then nothing ever merges across x▁: what stands before and what stands behind can be encoded apart, and words
 * that come back are found in the cache.
 *
 * @param joined the chars x that something may merge across; absent if nothing is known
 */
record WordStarts(Optional<BitSet> joined) {
    static final char MARK = '▁';

    /** Nowhere. */
    static final WordStarts NONE = new WordStarts(Optional.empty());

    boolean isNone() {
        return joined.isEmpty();
    }

    /** The end of the word that begins at {@code from}. */
    int next(char[] text, int from, int to) {
        BitSet inside = joined.orElseThrow();
        for (int i = from + 1; i < to; i++) {
            if (text[i] == MARK && !inside.get(text[i - 1])) {
                return i;
            }
        }
        return to;
    }
}
