package dev.hearth.tokenizer;

import java.util.Arrays;

/** A growable list of ints, for ids and bounds without boxing. Not thread-safe. */
final class IntList {
    private int[] values;
    private int size;

    IntList(int capacity) {
        values = new int[Math.max(capacity, 8)];
    }

    void add(int value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size + (size >> 1));
        }
        values[size++] = value;
    }

    void addAll(int[] more) {
        if (values.length - size < more.length) {
            values = Arrays.copyOf(values, Math.max(size + more.length, size + (size >> 1)));
        }
        System.arraycopy(more, 0, values, size, more.length);
        size += more.length;
    }

    int get(int index) {
        return values[index];
    }

    void set(int index, int value) {
        values[index] = value;
    }

    /** Keeps the first {@code count}. */
    void cut(int count) {
        size = count;
    }

    int size() {
        return size;
    }

    void clear() {
        size = 0;
    }

    /** The ints from {@code start} on. */
    int[] tail(int start) {
        return Arrays.copyOfRange(values, start, size);
    }

    int[] toArray() {
        return Arrays.copyOf(values, size);
    }
}
