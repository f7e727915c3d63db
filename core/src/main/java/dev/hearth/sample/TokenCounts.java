package dev.hearth.sample;

import java.util.Arrays;

/**
 * Distinct tokens and how often each occurs, in all and in the output. Open addressing with linear probing over dense arrays, so
 * that a sequence costs what it has said and not the vocabulary. Not thread-safe.
 */
final class TokenCounts {
    private int[] slots = new int[64]; // entry + 1, 0 is empty; a power of two, at most half full
    private int[] tokens = new int[32];
    private int[] counts = new int[32];
    private int[] outputCounts = new int[32];
    private int size;

    /** Counts one more {@code token} in the prompt. */
    void addPrompt(int token) {
        int entry = entry(token); // first, as it may replace the arrays
        counts[entry]++;
    }

    /** Counts one more {@code token} in the output. */
    void addOutput(int token) {
        int entry = entry(token);
        counts[entry]++;
        outputCounts[entry]++;
    }

    /** Counts one {@code token} less in the prompt. */
    void removePrompt(int token) {
        counts[entry(token)]--;
    }

    /** Counts one {@code token} less in the output. */
    void removeOutput(int token) {
        int entry = entry(token);
        counts[entry]--;
        outputCounts[entry]--;
    }

    /** Distinct tokens, those that count 0 by now too. */
    int size() {
        return size;
    }

    /** A distinct token, by entry. */
    int token(int entry) {
        return tokens[entry];
    }

    /** How often the token of an entry occurs. */
    int count(int entry) {
        return counts[entry];
    }

    /** How often the token of an entry is in the output. */
    int outputCount(int entry) {
        return outputCounts[entry];
    }

    private int entry(int token) {
        int slot = slot(token);
        if (slots[slot] != 0) {
            return slots[slot] - 1;
        }
        if (size == tokens.length) {
            grow();
            slot = slot(token);
        }
        tokens[size] = token;
        slots[slot] = ++size;
        return size - 1;
    }

    /** Where {@code token} is, or the empty slot where it would go. */
    private int slot(int token) {
        int mask = slots.length - 1;
        int slot = token * 0x9E3779B9 >>> 7 & mask; // Fibonacci hashing
        while (slots[slot] != 0 && tokens[slots[slot] - 1] != token) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private void grow() {
        tokens = Arrays.copyOf(tokens, 2 * size);
        counts = Arrays.copyOf(counts, 2 * size);
        outputCounts = Arrays.copyOf(outputCounts, 2 * size);
        slots = new int[4 * size];
        for (int entry = 0; entry < size; entry++) {
            slots[slot(tokens[entry])] = entry + 1;
        }
    }
}
