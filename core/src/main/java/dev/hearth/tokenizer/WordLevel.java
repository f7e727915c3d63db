package dev.hearth.tokenizer;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Each piece is a token, or the unknown token.
 *
 * @param tokens ids by text
 */
record WordLevel(Vocabulary vocabulary, Map<String, Integer> tokens, int unknown) implements Model {
    @Override
    public Encoder encoder() {
        return (text, from, to, ids) -> ids.add(tokens.getOrDefault(new String(text, from, to - from), unknown));
    }

    @Override
    public WordLevel withholding(BitSet ids) {
        Map<String, Integer> fewer = new HashMap<>(tokens);
        fewer.values().removeIf(ids::get);
        return new WordLevel(vocabulary, fewer, unknown);
    }
}
