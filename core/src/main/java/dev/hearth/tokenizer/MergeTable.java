package dev.hearth.tokenizer;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Which two symbols merge into which, and in what order. A hash table in one array of longs, open addressing: keys at even
 * places, values behind them. Filled once, then read by many threads. Open for tests to count what is looked up.
 */
class MergeTable {
    /** What a pair that doesn't merge has; greater than any merge. */
    static final long NONE = Long.MAX_VALUE;

    private static final long EMPTY = -1;

    private long[] slots;
    private int size;

    MergeTable(int expected) {
        int capacity = Integer.highestOneBit(Math.max(16, expected)) << 2;
        slots = new long[capacity];
        Arrays.fill(slots, EMPTY);
    }

    /** Adds a pair; replaces one that is there. Lower ranks merge first. */
    void put(int left, int right, int rank, int result) {
        if (2 * (size + 1) > slots.length * 3 / 4) {
            grow();
        }
        insert(key(left, right), (long) rank << 32 | result);
    }

    boolean contains(int left, int right) {
        return find(left, right) != NONE;
    }

    /** {@code rank << 32 | result}, or {@link #NONE}. */
    long find(int left, int right) {
        long key = key(left, right);
        int mask = slots.length - 2;
        for (int i = home(key, mask); ; i = i + 2 & mask) {
            long found = slots[i];
            if (found == key) {
                return slots[i + 1];
            }
            if (found == EMPTY) {
                return NONE;
            }
        }
    }

    /** This table without the merges that make one of {@code results}; itself if there are none. */
    MergeTable without(BitSet results) {
        boolean any = false;
        for (int i = 0; i < slots.length; i += 2) {
            any |= slots[i] != EMPTY && results.get((int) slots[i + 1]);
        }
        if (!any) {
            return this;
        }
        MergeTable fewer = new MergeTable(size);
        for (int i = 0; i < slots.length; i += 2) {
            if (slots[i] != EMPTY && !results.get((int) slots[i + 1])) {
                fewer.insert(slots[i], slots[i + 1]);
            }
        }
        return fewer;
    }

    private void grow() {
        long[] old = slots;
        slots = new long[old.length * 2];
        Arrays.fill(slots, EMPTY);
        size = 0;
        for (int i = 0; i < old.length; i += 2) {
            if (old[i] != EMPTY) {
                insert(old[i], old[i + 1]);
            }
        }
    }

    private void insert(long key, long value) {
        int mask = slots.length - 2;
        int i = home(key, mask);
        while (slots[i] != EMPTY && slots[i] != key) {
            i = i + 2 & mask;
        }
        size += slots[i] == EMPTY ? 1 : 0;
        slots[i] = key;
        slots[i + 1] = value;
    }

    private static long key(int left, int right) {
        return (long) left << 32 | right;
    }

    private static int home(long key, int mask) {
        long h = key * 0x9E3779B97F4A7C15L; // 2^64 divided by the golden ratio
        return (int) (h >>> 31) & mask;
    }
}
