package dev.hearth.cpu;

import static dev.hearth.cpu.VectorMath.F;
import static dev.hearth.cpu.VectorMath.LANES;

import dev.hearth.spi.RelativeTerms;
import dev.hearth.spi.Weight;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/** What scores gain by content and distance, {@link RelativeTerms}, a few neighbouring keys of one head at a time. One thread. */
final class VectorRelative {
    private final RelativeTerms terms;
    private final int headCount;
    private final int headDim;
    private final int stride;
    private final @Nullable MemorySegment keyTable;
    private final @Nullable MemorySegment queryTable;
    private final float[] keys; // [positions][stride]
    private final float[] queries;
    private final float[] sums = new float[16];

    /** Heads of {@code headDim} elements, the next {@code stride} behind, a multiple of 16. */
    VectorRelative(RelativeTerms terms, int headCount, int headDim, int stride) {
        this.terms = terms;
        this.headCount = headCount;
        this.headDim = headDim;
        this.stride = stride;
        keyTable = table(terms.keys());
        queryTable = table(terms.queries());
        keys = new float[KvRows.POSITIONS * stride];
        queries = new float[KvRows.POSITIONS * stride];
        Arrays.fill(keys, -0f); // behind a head times a query's 0: adds nothing, not even to the sign of a zero
    }

    private static @Nullable MemorySegment table(@Nullable Weight weight) {
        return weight instanceof HostWeight host ? host.data() : null;
    }

    /** Reads the vectors of a head for {@code count} keys, the first of which is {@code distance} before the query. */
    void read(int head, int distance, int count) {
        for (int i = 0; i < count; i++) {
            long at = 4 * (head * terms.vectorCount(headCount) + terms.row(distance - i)) * headDim;
            if (keyTable != null) {
                MemorySegment.copy(keyTable, Tensor.FLOAT, at, keys, i * stride, headDim);
            }
            if (queryTable != null) {
                MemorySegment.copy(queryTable, Tensor.FLOAT, at, queries, i * stride, headDim);
            }
        }
    }

    /** Adds to {@code count} scores from {@code at} on what the vectors read give; {@code stored} are the keys, with a scale each. */
    void add(float[] scores, int at, int count, float[] query, int queryAt, float[] stored, float[] scales) {
        for (int i = 0; i < count; i++) {
            if (keyTable != null) {
                scores[at + i] += dot(query, queryAt, keys, i * stride);
            }
            if (queryTable != null) {
                scores[at + i] += dot(stored, i * stride, queries, i * stride) * scales[i];
            }
        }
    }

    private float dot(float[] a, int aAt, float[] b, int bAt) {
        for (int lane = 0; lane < 16; lane += LANES) {
            FloatVector sum = FloatVector.zero(F);
            for (int k = lane; k < stride; k += 16) {
                sum = FloatVector.fromArray(F, a, aAt + k).fma(FloatVector.fromArray(F, b, bAt + k), sum);
            }
            sum.intoArray(sums, lane);
        }
        return VectorMath.fold16(sums, 0);
    }
}
