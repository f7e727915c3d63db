package dev.hearth.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;

/**
 * PLaMo 2's tokenizer: of all ways to cut a text into tokens that with the highest sum of rounded scores, found from the end;
 * of equals the longest token first. A character that nothing covers becomes its bytes.
 *
 * @param costs the negated scores in units of 1e-4, by id
 * @param ofByte a token for each byte
 */
record CheapestCut(Vocabulary vocabulary, PrefixTree tokens, Costs costs, ByteIds ofByte) implements Model {
    private static final long OF_UNKNOWN = 10_000_000;
    private static final int UNKNOWN = -1;

    /** The costs of tokens, by id. */
    static final class Costs {
        private final int[] values;

        Costs(int[] values) {
            this.values = values;
        }

        /** One that is never chosen. */
        static final int NEVER = 20_000_000;

        int of(int id) {
            return values[id];
        }
    }

    @Override
    public Encoder encoder() {
        return this::encode;
    }

    @Override
    public CheapestCut withholding(BitSet ids) {
        return new CheapestCut(vocabulary, tokens.without(ids), costs, ofByte);
    }

    private void encode(char[] text, int from, int to, IntList out) {
        int length = to - from;
        long[] best = new long[length + 1];
        int[] ends = new int[length];
        int[] ids = new int[length];
        Arrays.fill(best, 0, length, Long.MAX_VALUE);
        for (int at = length - 1; at >= 0; at--) {
            boolean inPair = at > 0 && Character.isSurrogatePair(text[from + at - 1], text[from + at]);
            if (!inPair) {
                extend(text, from, at, length, best, ends, ids);
            }
        }
        for (int at = 0; at < length; at = ends[at]) {
            if (ids[at] != UNKNOWN) {
                out.add(ids[at]);
                continue;
            }
            for (byte b : new String(text, from + at, ends[at] - at).getBytes(StandardCharsets.UTF_8)) {
                out.add(ofByte.get(b & 0xFF));
            }
        }
    }

    private void extend(char[] text, int from, int at, int length, long[] best, int[] ends, int[] ids) {
        int node = PrefixTree.ROOT;
        for (int i = at; i < length; i++) {
            node = tokens.child(node, text[from + i]);
            if (node < 0) {
                break;
            }
            int id = tokens.tokenAt(node);
            if (id >= 0 && costs.of(id) < Costs.NEVER && costs.of(id) + best[i + 1] <= best[at]) {
                best[at] = costs.of(id) + best[i + 1];
                ends[at] = i + 1;
                ids[at] = id;
            }
        }
        int next = at + (Character.isHighSurrogate(text[from + at]) && at + 1 < length ? 2 : 1);
        if (OF_UNKNOWN + best[next] < best[at]) {
            best[at] = OF_UNKNOWN + best[next];
            ends[at] = next;
            ids[at] = UNKNOWN;
        }
    }
}
