package dev.hearth.schedule;

import java.util.Arrays;

/** Token ids, each with the type of the part that it belongs to, that grow at the end. One thread at a time. */
public final class TokenList {
    private int[] ids;
    private final int[] types; // of the first tokens; 0 of all others
    private int size;

    /** Starts with a copy of {@code ids}, of type 0. */
    public TokenList(int... ids) {
        this(ids, new int[0]);
    }

    private TokenList(int[] ids, int[] types) {
        this.ids = ids.clone();
        this.types = types.clone();
        this.size = ids.length;
    }

    /** Starts with a copy of {@code ids} of these types, one each. */
    public static TokenList typed(int[] ids, int[] types) {
        if (types.length != ids.length) {
            throw new IllegalArgumentException(
                    "tokens: expected a type for each of " + ids.length + " ids, found " + types.length);
        }
        return new TokenList(ids, types);
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

    /** The type of the token at a position. */
    public int type(int position) {
        return position < types.length ? types[position] : 0;
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
