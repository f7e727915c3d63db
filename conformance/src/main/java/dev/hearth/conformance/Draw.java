package dev.hearth.conformance;

import java.util.SplittableRandom;

/** Values drawn from a seed. */
final class Draw {
    /** Values at which arithmetic changes its ways: zeros, the least and greatest, infinities, NaN. */
    static final float[] EXTREMES = {
        0f,
        -0f,
        1f,
        -1f,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        0x1p-127f,
        Float.MIN_NORMAL,
        -0x1.fffffep-127f,
        0x1p-100f,
        0x0.ffffffp-100f,
        1e-20f,
        65504f,
        65520f,
        -1e19f,
        1.9e19f,
        1e38f,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN
    };

    private final SplittableRandom random;

    Draw(long seed) {
        random = new SplittableRandom(seed);
    }

    /** About normal, mean 0, deviation 1. */
    float normal() {
        return (float) random.nextGaussian();
    }

    /** Evenly in [low, high). */
    float between(double low, double high) {
        return (float) random.nextDouble(low, high);
    }

    /** In [0, bound). */
    int below(int bound) {
        return random.nextInt(bound);
    }

    /** In [low, high]. */
    int from(int low, int high) {
        return random.nextInt(low, high + 1);
    }

    /** Any of these. */
    <T> T oneOf(T[] choices) {
        return choices[below(choices.length)];
    }

    byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Normal values times {@code scale}. */
    float[] normals(int count, double scale) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextGaussian() * scale);
        }
        return values;
    }

    /** Rows of normal values. */
    float[][] rows(int count, int width, double scale) {
        float[][] rows = new float[count][];
        for (int r = 0; r < count; r++) {
            rows[r] = normals(width, scale);
        }
        return rows;
    }

    /**
     * Rows that meet the extremes: row i is normal but for one extreme i at one place (every place in the last rows), so that
     * an extreme shows both alone and among others. One row an extreme, then one of each repeated.
     */
    float[][] extremeRows(int width) {
        float[][] rows = rows(2 * EXTREMES.length, width, 1);
        for (int i = 0; i < EXTREMES.length; i++) {
            rows[i][below(width)] = EXTREMES[i];
            java.util.Arrays.fill(rows[EXTREMES.length + i], EXTREMES[i]);
        }
        return rows;
    }

    /** 0 to n - 1 in any order. */
    int[] permutation(int n) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
