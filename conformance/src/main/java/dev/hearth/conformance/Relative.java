package dev.hearth.conformance;

import dev.hearth.spi.RelativeTerms;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Vectors of distances for attention, and what scores gain by them. He and others 2020, arXiv:2006.03654, equation 4, of which the
 * factor is the caller's.
 *
 * @param rows which vector stands for each distance from -reach to reach
 * @param keys [heads * vectors][head dim]; null for none
 * @param queries likewise
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Relative(int[] rows, int headCount, float @Nullable [][] keys, float @Nullable [][] queries) {
    /** One of the kinds of terms. */
    enum Kind {
        KEYS,
        QUERIES,
        BOTH
    }

    /** Normal vectors for {@code vectors} of each head, the distances up to {@code reach} dealt out among them. */
    static Relative random(Kind kind, int headCount, int headDim, int reach, int vectors, Draw draw) {
        int[] rows = new int[2 * reach + 1];
        Arrays.setAll(rows, i -> draw.below(vectors));
        return new Relative(
                rows,
                headCount,
                kind == Kind.QUERIES ? null : draw.rows(headCount * vectors, headDim, 1),
                kind == Kind.KEYS ? null : draw.rows(headCount * vectors, headDim, 1));
    }

    RelativeTerms terms(Bench bench) {
        return new RelativeTerms(
                rows,
                keys == null ? null : bench.weight(Matrix.floats(keys)),
                queries == null ? null : bench.weight(Matrix.floats(queries)));
    }

    /** What a query gets at a distance; null for none. */
    float @Nullable [] key(int head, int distance) {
        return vector(keys, head, distance);
    }

    /** What a key gets at a distance; null for none. */
    float @Nullable [] query(int head, int distance) {
        return vector(queries, head, distance);
    }

    private float @Nullable [] vector(float @Nullable [][] table, int head, int distance) {
        if (table == null) {
            return null;
        }
        int reach = rows.length / 2;
        int row = rows[Math.clamp(distance, -reach, reach) + reach];
        return table[head * (table.length / headCount) + row];
    }
}
