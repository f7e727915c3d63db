package dev.hearth.tokenizer;

import java.util.BitSet;

/** The contents of added tokens, to be found in a text. Filled once, then read by many threads. */
final class TokenTrie {
    private final BitSet firsts = new BitSet();
    /** {@code node, char -> node}; node 0 is the root. */
    private final MergeTable edges = new MergeTable(64);

    private final IntList tokenAt = new IntList(64);

    TokenTrie() {
        tokenAt.add(-1);
    }

    /** Of equal contents the last counts. */
    void put(String content, int token) {
        int node = 0;
        for (int i = 0; i < content.length(); i++) {
            long edge = edges.find(node, content.charAt(i));
            if (edge == MergeTable.NONE) {
                edges.put(node, content.charAt(i), 0, tokenAt.size());
                node = tokenAt.size();
                tokenAt.add(-1);
            } else {
                node = (int) edge;
            }
        }
        if (node > 0) {
            firsts.set(content.charAt(0));
            tokenAt.set(node, token);
        }
    }

    boolean isEmpty() {
        return firsts.isEmpty();
    }

    /** The first place from {@code at} on where a content may begin; the text's length if none. */
    int candidate(String text, int at) {
        int i = at;
        while (i < text.length() && !firsts.get(text.charAt(i))) {
            i++;
        }
        return i;
    }

    /** Which of the tokens that begin at a place is meant. */
    interface Choice {
        boolean accepts(int token, int start, int end);
    }

    /** The longest accepted token at {@code at} as {@code token << 32 | end}, or -1. */
    long longest(String text, int at, Choice choice) {
        long best = -1;
        int node = 0;
        for (int i = at; i < text.length(); i++) {
            long edge = edges.find(node, text.charAt(i));
            if (edge == MergeTable.NONE) {
                break;
            }
            node = (int) edge;
            int token = tokenAt.get(node);
            if (token >= 0 && choice.accepts(token, at, i + 1)) {
                best = (long) token << 32 | i + 1;
            }
        }
        return best;
    }
}
