package dev.hearth.spi.host;

import dev.hearth.spi.RelativeTerms;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import org.jspecify.annotations.Nullable;

/** Checks, before kernels read them, that tables of relative terms fit heads, and that every vector asked for is in them. */
final class RelativeBounds {
    private RelativeBounds() {}

    static void check(RelativeTerms terms, int headCount, int headDim) {
        checkTable(terms.keys(), headCount, headDim);
        checkTable(terms.queries(), headCount, headDim);
        long vectors = terms.vectorCount(headCount);
        for (int distance = -terms.reach(); distance <= terms.reach(); distance++) {
            int row = terms.row(distance);
            if (row < 0 || row >= vectors) {
                throw new IllegalArgumentException("attend: relative terms: distance " + distance
                        + ": expected a vector of 0 to " + (vectors - 1) + ", found " + row);
            }
        }
    }

    private static void checkTable(@Nullable Weight table, int headCount, int headDim) {
        if (table != null) {
            HostWeight host = HostChecks.host("attend", table);
            boolean fits = host.type() == DType.F32
                    && host.shape().width() == headDim
                    && host.shape().rows() % headCount == 0;
            HostChecks.check("attend", fits, host, headCount, "heads of", headDim);
        }
    }
}
