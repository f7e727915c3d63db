package dev.hearth.sample;

import java.util.Arrays;

/**
 * The largest logit of each 128 neighbours: one pass over the vocabulary, after which the largest of all, its place, and the
 * few blocks that hold what is large are found without another. Not thread-safe.
 */
final class LogitBlocks {
    private static final int BLOCK_SIZE = 128;

    private final RankCut cut;
    private float[] maxima = {};
    private float[] logits = {};
    private double[] ones = {};
    private int count;
    private float max;

    LogitBlocks(RankCut cut) {
        this.cut = cut;
    }

    /** Reads a row, which must stay unchanged until the next scan. A NaN makes its block's and the whole maximum NaN. */
    void scan(float[] row) {
        logits = row;
        count = (row.length + BLOCK_SIZE - 1) / BLOCK_SIZE;
        if (maxima.length < count) {
            maxima = new float[count];
            ones = new double[count];
            Arrays.fill(ones, 1);
        }
        max = Float.NEGATIVE_INFINITY;
        for (int block = 0; block < count; block++) {
            int start = block * BLOCK_SIZE;
            maxima[block] = largest(row, start, Math.min(row.length, start + BLOCK_SIZE));
            max = Math.max(max, maxima[block]);
        }
    }

    private static float largest(float[] row, int start, int end) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = start; i < end; i++) {
            largest = Math.max(largest, row[i]);
        }
        return largest;
    }

    /** The largest logit, or NaN. */
    float max() {
        return max;
    }

    /** The lowest token with the largest logit, or with NaN if there is one. */
    int argmax() {
        int block = 0;
        while (!same(maxima[block])) {
            block++;
        }
        int token = block * BLOCK_SIZE;
        while (!same(logits[token])) {
            token++;
        }
        return token;
    }

    /** The standard deviation of all logits above negative infinity, of the population: by their number, not one less. */
    double deviation() {
        double sum = 0;
        int finite = 0;
        for (float logit : logits) {
            if (logit > Float.NEGATIVE_INFINITY) {
                sum += logit;
                finite++;
            }
        }
        double mean = sum / finite;
        double squares = 0;
        for (float logit : logits) {
            if (logit > Float.NEGATIVE_INFINITY) {
                squares += (logit - mean) * (logit - mean);
            }
        }
        return Math.sqrt(squares / finite);
    }

    /** The logit of a token in the row. */
    float logit(int token) {
        return logits[token];
    }

    private boolean same(float value) {
        return value == max || Float.isNaN(value) && Float.isNaN(max);
    }

    /**
     * A logit that at least {@code wanted} tokens reach: if there are so many blocks, the {@code wanted}-th largest maximum, which
     * few other tokens reach; otherwise negative infinity.
     */
    float reachedBy(int wanted) {
        if (wanted > count) {
            return Float.NEGATIVE_INFINITY;
        }
        cut.find(maxima, ones, count, wanted);
        return cut.value();
    }

    /** Collects, in order of their ids, all tokens whose logit is at least {@code bound} and above negative infinity. */
    void gather(double bound, Candidates out) {
        out.clear(logits.length);
        for (int block = 0; block < count; block++) {
            if (maxima[block] >= bound) {
                int start = block * BLOCK_SIZE;
                out.gather(logits, start, Math.min(logits.length, start + BLOCK_SIZE), bound);
            }
        }
    }
}
