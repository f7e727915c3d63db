package dev.hearth.tokenizer;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Byte-pair encoding: of all neighbours that merge, those with the lowest rank do first, the leftmost of equals. Sennrich et
 * al. 2016, arXiv:1508.07909. Also SentencePiece's variant, where ranks come from scores.
 *
 * @param whole tokens that a piece which spells one becomes without merging ({@code ignore_merges}), by their text in the
 *     file; {@code wholeText} says how a piece is spelled there
 * @param separators after which characters a piece may be cut before a {@code ▁} without changing the result
 */
record Bpe(
        Vocabulary vocabulary,
        Symbols symbols,
        MergeTable merges,
        Map<String, Integer> whole,
        WholeText wholeText,
        WordStarts separators,
        PieceCache cache)
        implements Model {

    /** How whole pieces are spelled in the vocabulary. */
    enum WholeText {
        /** As they are. */
        PLAIN,
        /** In the byte alphabet. */
        BYTE_ALPHABET
    }

    @Override
    public Encoder encoder() {
        return new BpeEncoder(this);
    }

    @Override
    public Bpe withholding(BitSet ids) {
        Map<String, Integer> fewer = whole;
        if (whole.values().stream().anyMatch(ids::get)) {
            fewer = new HashMap<>(whole);
            fewer.values().removeIf(ids::get);
        }
        return new Bpe(vocabulary, symbols, merges.without(ids), fewer, wholeText, separators, new PieceCache());
    }

    /** Whether pieces are made of bytes. */
    boolean takesBytes() {
        return symbols instanceof Symbols.Bytes;
    }

    /** Whether a piece that is a token isn't taken apart. */
    boolean takesWholeWords() {
        return !whole.isEmpty();
    }

    /** The id of a piece that is a token as a whole, or -1. */
    int findWhole(char[] text, int from, int to) {
        if (whole.isEmpty()) {
            return -1;
        }
        String piece = new String(text, from, to - from);
        Integer id = whole.get(wholeText == WholeText.PLAIN ? piece : ByteAlphabet.spell(piece));
        return id == null ? -1 : id;
    }
}
