package dev.hearth.tokenizer;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * WordPiece: the longest token that a word begins with, and so on for the rest of it; a word with a rest that no token begins
 * becomes the unknown token. Devlin et al. 2018, arXiv:1810.04805.
 *
 * @param tokens ids by text
 * @param beginning what stands before each token that begins a word
 * @param continuing what stands before each token that doesn't begin a word
 * @param maxCharacters words with more code points are unknown
 * @param longest chars of the longest token
 */
record WordPiece(
        Vocabulary vocabulary,
        Map<String, Integer> tokens,
        String beginning,
        String continuing,
        int unknown,
        int maxCharacters,
        int longest)
        implements Model {

    @Override
    public Encoder encoder() {
        return this::encode;
    }

    @Override
    public WordPiece withholding(BitSet ids) {
        if (tokens.values().stream().noneMatch(ids::get)) {
            return this;
        }
        Map<String, Integer> fewer = new HashMap<>(tokens);
        fewer.values().removeIf(id -> ids.get(id));
        return new WordPiece(vocabulary, fewer, beginning, continuing, unknown, maxCharacters, longest);
    }

    private void encode(char[] text, int from, int to, IntList ids) {
        if (Character.codePointCount(text, from, to - from) > maxCharacters) {
            ids.add(unknown);
            return;
        }
        IntList word = new IntList(8);
        for (int at = from; at < to; ) {
            int end = Math.min(to, at + longest);
            Integer id = null;
            while (end > at && id == null) {
                String part = new String(text, at, end - at);
                id = tokens.get((at == from ? beginning : continuing) + part);
                end -= id == null ? 1 : 0;
            }
            if (id == null) {
                ids.add(unknown);
                return;
            }
            word.add(id);
            at = end;
        }
        ids.addAll(word.toArray());
    }
}
