package dev.hearth.tokenizer;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;

/**
 * Which tokens a text begins with: a trie laid out level by level, so that the children of a node lie side by side, sorted.
 * 10 bytes a node, whose number is at most that of all chars. Immutable, thread-safe.
 */
final class PrefixTree {
    /** No node, or no token. */
    static final int NONE = -1;

    static final int ROOT = 0;

    private final char[] labels;
    /** Where the children of a node begin; they end where those of the next node begin. */
    private final int[] children;

    private final int[] tokens;
    /** Of the root, which has too many children to search. */
    private final int[] ofRoot;

    private PrefixTree(char[] labels, int[] children, int[] tokens) {
        this.labels = labels;
        this.children = children;
        this.tokens = tokens;
        this.ofRoot = new int[0x10000];
        Arrays.fill(ofRoot, NONE);
        for (int i = children[ROOT]; i < children[ROOT + 1]; i++) {
            ofRoot[labels[i]] = i;
        }
    }

    private PrefixTree(PrefixTree other, int[] tokens) {
        labels = other.labels;
        children = other.children;
        ofRoot = other.ofRoot;
        this.tokens = tokens;
    }

    /** A tree of tokens with their ids; the empty token is left out. */
    static PrefixTree of(Map<String, Integer> ids) {
        String[] sorted =
                ids.keySet().stream().filter(t -> !t.isEmpty()).sorted().toArray(String[]::new);
        Builder builder = new Builder(sorted);
        for (int node = 0; node < builder.labels.size(); node++) {
            builder.addChildren(node);
        }
        int count = builder.labels.size();
        char[] labels = new char[count];
        int[] tokens = new int[count];
        for (int node = 0; node < count; node++) {
            labels[node] = (char) builder.labels.get(node);
            int at = builder.tokens.get(node);
            tokens[node] = at < 0 ? NONE : ids.getOrDefault(sorted[at], NONE);
        }
        builder.children.add(count);
        return new PrefixTree(labels, builder.children.toArray(), tokens);
    }

    /** This, without tokens that have one of {@code withheld}. */
    PrefixTree without(BitSet withheld) {
        int[] fewer = tokens.clone();
        for (int node = 0; node < fewer.length; node++) {
            if (fewer[node] >= 0 && withheld.get(fewer[node])) {
                fewer[node] = NONE;
            }
        }
        return new PrefixTree(this, fewer);
    }

    /** The node reached from {@code node} by {@code c}, or {@link #NONE}. */
    int child(int node, char c) {
        if (node == ROOT) {
            return ofRoot[c];
        }
        int low = children[node];
        int high = children[node + 1];
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (labels[middle] < c) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low < children[node + 1] && labels[low] == c ? low : NONE;
    }

    /** The token that ends at a node, or {@link #NONE}. */
    int tokenAt(int node) {
        return tokens[node];
    }

    /** Nodes are numbered as they are found, breadth first: each stands for the tokens from one place to another. */
    private static final class Builder {
        private final String[] sorted;
        final IntList labels = new IntList(1024);
        final IntList children = new IntList(1024);
        final IntList tokens = new IntList(1024);
        private final IntList from = new IntList(1024);
        private final IntList to = new IntList(1024);
        private final IntList depths = new IntList(1024);

        Builder(String[] sorted) {
            this.sorted = sorted;
            add('\0', 0, sorted.length, 0);
        }

        private void add(char label, int first, int end, int depth) {
            boolean isToken = depth > 0 && sorted[first].length() == depth;
            labels.add(label);
            tokens.add(isToken ? first : NONE);
            from.add(isToken ? first + 1 : first);
            to.add(end);
            depths.add(depth);
        }

        void addChildren(int node) {
            children.add(labels.size());
            int depth = depths.get(node);
            for (int at = from.get(node); at < to.get(node); ) {
                char label = sorted[at].charAt(depth);
                int end = at + 1;
                while (end < to.get(node) && sorted[end].charAt(depth) == label) {
                    end++;
                }
                add(label, at, end, depth + 1);
                at = end;
            }
        }
    }
}
