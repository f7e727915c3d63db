package dev.hearth.sample;

import java.util.Arrays;

/** The tokens of prompt and output, in order. Not thread-safe. */
final class TokenHistory {
    private int[] tokens = new int[64];
    private int size;

    /** Appends one. */
    void add(int token) {
        if (size == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * size);
        }
        tokens[size++] = token;
    }

    /** How many. */
    int size() {
        return size;
    }

    /** The token at an index below {@link #size}. */
    int at(int index) {
        return tokens[index];
    }

    /** The token so many places before the last. */
    int back(int distance) {
        return tokens[size - 1 - distance];
    }

    /** Whether the {@code count} tokens up to {@code end}, exclusive, are the last ones. */
    boolean repeatsBefore(int end, int count) {
        return count <= end && Arrays.equals(tokens, end - count, end, tokens, size - count, size);
    }

    /** Whether the first {@code count} of {@code wanted} are the last tokens. */
    boolean endsWith(int[] wanted, int count) {
        return count <= size && Arrays.equals(wanted, 0, count, tokens, size - count, size);
    }
}
