package dev.hearth.tokenizer;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * WordPiece: the longest token that a word begins with, and so on for the rest of it; a word with a rest that no token begins
 * becomes the unknown token. Devlin et al. 2018, arXiv:1810.04805.
 *
 * @param beginning what words begin with
 * @param continuing what may follow
 * @param maxCharacters words with more code points are unknown
 */
record WordPiece(
        Vocabulary vocabulary,
        PrefixTree beginning,
        PrefixTree continuing,
        int unknown,
        int maxCharacters,
        PieceCache cache)
        implements Model {

    /** Of a vocabulary's tokens those that have a mark in front, without it. Longer ones than any real token are left out. */
    static PrefixTree marked(String mark, Vocabulary vocabulary) {
        Map<String, Integer> ids = new HashMap<>();
        vocabulary.ids().forEach((token, id) -> {
            if (token.startsWith(mark) && token.length() <= Unigram.MAX_LENGTH) {
                ids.put(token.substring(mark.length()), id);
            }
        });
        return PrefixTree.of(ids);
    }

    @Override
    public Encoder encoder() {
        return (text, from, to, ids) -> cache.encode(text, from, to, ids, this::encode);
    }

    @Override
    public WordPiece withholding(BitSet ids) {
        return new WordPiece(
                vocabulary, beginning.without(ids), continuing.without(ids), unknown, maxCharacters, new PieceCache());
    }

    private void encode(char[] text, int from, int to, IntList ids) {
        if (Character.codePointCount(text, from, to - from) > maxCharacters) {
            ids.add(unknown);
            return;
        }
        int before = ids.size();
        for (int at = from; at < to; ) {
            PrefixTree tokens = at == from ? beginning : continuing;
            int end = at;
            int id = PrefixTree.NONE;
            int node = PrefixTree.ROOT;
            for (int i = at; i < to; i++) {
                node = tokens.child(node, text[i]);
                if (node < 0) {
                    break;
                }
                if (tokens.tokenAt(node) >= 0) {
                    id = tokens.tokenAt(node);
                    end = i + 1;
                }
            }
            if (id < 0) {
                ids.cut(before);
                ids.add(unknown);
                return;
            }
            ids.add(id);
            at = end;
        }
    }
}
