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
