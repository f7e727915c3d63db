package dev.hearth.spi.host;

import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.Arrays;

/** The tokens of each expert: what routing says by token, sorted by expert and within one by token. Used by one thread at a time. */
final class ExpertOrder implements AutoCloseable {
    private static final int TENSORS = 2;

    private final HostScratch scratch = new HostScratch();
    private int[] starts = new int[2];
    private Tensor rows = scratch.take(DType.I32, 0, 1);
    private Tensor shares = scratch.take(DType.F32, 0, 1);

    /**
     * Sorts.
     *
     * @param experts I32 [tokens, count]: indices below {@code expertCount}
     * @param weights F32 [tokens, count]
     */
    void sort(Tensor experts, Tensor weights, int expertCount) {
        long assignments = experts.rows() * experts.width();
        scratch.begin(bytes(assignments), TENSORS);
        rows = scratch.take(DType.I32, assignments, 1);
        shares = scratch.take(DType.F32, assignments, 1);
        starts = starts.length == expertCount + 2 ? starts : new int[expertCount + 2];
        Arrays.fill(starts, 0);
        for (long t = 0; t < experts.rows(); t++) {
            for (long j = 0; j < experts.width(); j++) {
                starts[experts.getInt(t, j) + 2]++;
            }
        }
        for (int expert = 2; expert < expertCount + 2; expert++) {
            starts[expert] += starts[expert - 1]; // where the expert before begins, until its tokens are placed
        }
        for (long t = 0; t < experts.rows(); t++) {
            for (long j = 0; j < experts.width(); j++) {
                int place = starts[experts.getInt(t, j) + 1]++;
                rows.setInt(place, 0, (int) t);
                shares.setFloat(place, 0, weights.getFloat(t, j));
            }
        }
    }

    /** Where an expert's tokens begin; of the number of experts, where all end. */
    int start(int expert) {
        return starts[expert];
    }

    /** I32 [assignments, 1]: tokens. */
    Tensor rows() {
        return rows;
    }

    /** F32 [assignments, 1]: weights. */
    Tensor shares() {
        return shares;
    }

    private static long bytes(long assignments) {
        return (DType.I32.bytes(1) + DType.F32.bytes(1)) * assignments;
    }

    /** Bytes held once so many experts were chosen, by all tokens of a step together. */
    static long scratchBytes(long assignments) {
        return HostScratch.byteSize(bytes(assignments), TENSORS);
    }

    /** Bytes held now. */
    long scratchBytes() {
        return scratch.byteSize();
    }

    @Override
    public void close() {
        scratch.close();
    }
}
