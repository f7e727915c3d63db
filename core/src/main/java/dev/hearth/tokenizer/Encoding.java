package dev.hearth.tokenizer;

import java.util.Arrays;

/** The ids of a text, or of two that a model sees together, with everything around them. Immutable, thread-safe. */
public final class Encoding {
    private final int[] ids;
    private final int[] typeIds;

    Encoding(int[] ids, int[] typeIds) {
        this.ids = ids;
        this.typeIds = typeIds;
    }

    /** Ids of type 0. */
    public static Encoding of(int... ids) {
        return new Encoding(ids.clone(), new int[ids.length]);
    }

    /** Ids of these types, one each. */
    public static Encoding of(int[] ids, int[] typeIds) {
        if (ids.length != typeIds.length) {
            throw new IllegalArgumentException(
                    "encoding: expected a type for each of " + ids.length + " ids, found " + typeIds.length);
        }
        return new Encoding(ids.clone(), typeIds.clone());
    }

    /** The first ids, {@code limit} at most. */
    public Encoding cutTo(int limit) {
        return ids.length <= limit ? this : new Encoding(Arrays.copyOf(ids, limit), Arrays.copyOf(typeIds, limit));
    }

    /** The ids, [tokens]; a copy. */
    public int[] ids() {
        return ids.clone();
    }

    /** Which part of the input each id belongs to, [tokens]: 0 for the first text and usually 1 for the second; a copy. */
    public int[] typeIds() {
        return typeIds.clone();
    }

    /** How many ids there are. */
    public int size() {
        return ids.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Encoding that && Arrays.equals(ids, that.ids) && Arrays.equals(typeIds, that.typeIds);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(ids) + Arrays.hashCode(typeIds);
    }

    @Override
    public String toString() {
        return "ids " + Arrays.toString(ids) + ", types " + Arrays.toString(typeIds);
    }
}
