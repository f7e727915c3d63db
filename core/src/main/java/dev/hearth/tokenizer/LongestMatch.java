package dev.hearth.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.OptionalInt;

/**
 * At each place of a text's UTF-8 the longest token: RWKV's World tokenizer.
 *
 * @param tokens by their bytes, each byte a char
 * @param unknown for a byte that no token begins with
 */
record LongestMatch(Vocabulary vocabulary, PrefixTree tokens, OptionalInt unknown) implements Model {
    @Override
    public Encoder encoder() {
        return this::encode;
    }

    @Override
    public LongestMatch withholding(BitSet ids) {
        return new LongestMatch(vocabulary, tokens.without(ids), unknown);
    }

    private void encode(char[] text, int from, int to, IntList ids) {
        byte[] utf8 = new String(text, from, to - from).getBytes(StandardCharsets.UTF_8);
        for (int at = 0; at < utf8.length; ) {
            int node = PrefixTree.ROOT;
            int id = PrefixTree.NONE;
            int end = at + 1;
            for (int i = at; i < utf8.length; i++) {
                node = tokens.child(node, (char) (utf8[i] & 0xFF));
                if (node < 0) {
                    break;
                }
                if (tokens.tokenAt(node) >= 0) {
                    id = tokens.tokenAt(node);
                    end = i + 1;
                }
            }
            if (id >= 0) {
                ids.add(id);
            } else {
                unknown.ifPresent(ids::add);
            }
            at = end;
        }
    }
}
