package dev.hearth.schedule;

import java.util.Arrays;

/** Token ids that grow at the end. One thread at a time. */
public final class TokenList {
    private int[] ids;
    private int size;

    /** Starts with a copy of {@code ids}. */
    public TokenList(int... ids) {
        this.ids = ids.clone();
        this.size = ids.length;
    }

    /** Appends a token. */
    public void add(int id) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, Math.max(16, size * 2));
        }
        ids[size++] = id;
    }

    /** The token at a position. */
    public int get(int position) {
        return ids[position];
    }

    /** Number of tokens. */
    public int size() {
        return size;
    }

    /** Those from {@code first} on, a copy. */
    public int[] from(int first) {
        return Arrays.copyOfRange(ids, first, size);
    }
}
