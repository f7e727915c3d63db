package dev.hearth.embedding;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Pools one text, whose rows come in order, by one step or by several. Sums are F32, row by row in that order, so that their
 * bits don't depend on steps. Used by one thread at a time.
 */
public final class Pooler {
    private final List<Pooling> poolings;
    private final Set<Pooling> distinct;
    private final int width;
    private final int skipped;
    private final float[] first;
    private final float[] last;
    private final float[] greatest;
    private final float[] sum;
    private final float[] weighted;
    private int count;
    private float weight;

    /**
     * For rows of this width.
     *
     * @param poolings one or several, whose results are strung together
     * @param skipped leading rows, a prompt's, that only {@link Pooling#CLS} uses
     */
    public Pooler(List<Pooling> poolings, int width, int skipped) {
        this.poolings = List.copyOf(poolings);
        this.distinct = EnumSet.copyOf(poolings);
        this.width = width;
        this.skipped = skipped;
        first = new float[width];
        last = new float[width];
        greatest = new float[width];
        sum = new float[width];
        weighted = new float[width];
        Arrays.fill(greatest, Float.NEGATIVE_INFINITY);
    }

    /** The row of the token at {@code position}, [width]. */
    public void add(int position, float[] row) {
        if (position == 0) {
            System.arraycopy(row, 0, first, 0, width);
        }
        System.arraycopy(row, 0, last, 0, width);
        if (position < skipped) {
            return;
        }
        count++;
        float w = position + 1;
        weight += w;
        if (distinct.contains(Pooling.MAX)) {
            for (int i = 0; i < width; i++) {
                greatest[i] = Math.max(greatest[i], row[i]);
            }
        }
        if (distinct.contains(Pooling.MEAN) || distinct.contains(Pooling.MEAN_SQRT_LENGTH)) {
            for (int i = 0; i < width; i++) {
                sum[i] += row[i];
            }
        }
        if (distinct.contains(Pooling.WEIGHTED_MEAN)) {
            for (int i = 0; i < width; i++) {
                weighted[i] += w * row[i];
            }
        }
    }

    /** The pooled row, [width * number of poolings]. */
    public float[] result() {
        float[] out = new float[width * poolings.size()];
        for (int p = 0; p < poolings.size(); p++) {
            for (int i = 0; i < width; i++) {
                out[p * width + i] = element(poolings.get(p), i);
            }
        }
        return out;
    }

    private float element(Pooling pooling, int i) {
        return switch (pooling) {
            case CLS -> first[i];
            case LAST -> last[i];
            case MAX -> greatest[i];
            case MEAN -> sum[i] / Math.max(count, 1);
            case MEAN_SQRT_LENGTH -> sum[i] / (float) Math.sqrt(Math.max(count, 1));
            case WEIGHTED_MEAN -> weighted[i] / Math.max(weight, 1);
        };
    }
}
