package dev.hearth.spi;

import dev.hearth.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * What scores gain by the distance of query and key: products of each of them with a vector that stands for the distance. He and
 * others 2020, arXiv:2006.03654, section 3.1. Compared by identity.
 */
public final class RelativeTerms {
    private final int[] rows;
    private final Shape shape;
    private final @Nullable Weight keys;
    private final @Nullable Weight queries;

    /**
     * Terms of a layer.
     *
     * @param rows which of a head's vectors stands for each distance, own position minus the key's, from -reach to reach; what is
     *     further away counts as the last on its side
     * @param keys F32 [heads * vectors, head dim], head after head: what queries are multiplied with; null for none
     * @param queries F32 [heads * vectors, head dim]: what keys are multiplied with; null for none
     */
    public RelativeTerms(int[] rows, @Nullable Weight keys, @Nullable Weight queries) {
        Weight one = keys == null ? queries : keys;
        if (rows.length % 2 == 0
                || one == null
                || queries != null && !queries.shape().equals(one.shape())) {
            throw new IllegalArgumentException(
                    "relative terms: expected tables of one shape and an odd number of distances, found " + rows.length
                            + " distances, keys " + shape(keys) + ", queries " + shape(queries));
        }
        this.shape = one.shape();
        this.rows = rows.clone();
        this.keys = keys;
        this.queries = queries;
    }

    private static String shape(@Nullable Weight table) {
        return table == null ? "none" : table.shape().toString();
    }

    /** Vectors of each of so many heads. */
    public long vectorCount(int headCount) {
        return shape.rows() / headCount;
    }

    /** What queries are multiplied with. */
    public @Nullable Weight keys() {
        return keys;
    }

    /** What keys are multiplied with. */
    public @Nullable Weight queries() {
        return queries;
    }

    /** The greatest distance that has a row of its own. */
    public int reach() {
        return rows.length / 2;
    }

    /** Which of a head's vectors stands for a distance. */
    public int row(int distance) {
        return rows[Math.clamp(distance, -reach(), reach()) + reach()];
    }

    /** The rows of the distances -reach to reach. */
    public int[] rows() {
        return rows.clone();
    }
}
