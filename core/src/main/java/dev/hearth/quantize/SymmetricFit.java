package dev.hearth.quantize;

/**
 * The scale that makes the products of it and whole numbers from {@code -levels} to {@code levels - 1} come closest to some
 * values, by the sum of squares. The numbers reach one further below zero than above, so the scale may be negative.
 *
 * <p>Whole numbers that a scale near the obvious one gives are kept if their own best scale, by least squares, leaves the
 * smallest error: a few scales tried so find what a search over all of them would, or nearly.
 */
final class SymmetricFit {
    private static final int TRIES = 10; // beyond 12 % to either side a scale clips too much or wastes levels
    private static final float STEP = 0.1f;

    private final int levels;
    private float sumXq;
    private float sumQq;

    SymmetricFit(int levels) {
        this.levels = levels;
    }

    /** The best scale that was found; 0 if all values are. */
    float scale(float[] x, int from, int count) {
        float extreme = 0;
        for (int i = 0; i < count; i++) {
            if (Math.abs(x[from + i]) > Math.abs(extreme)) {
                extreme = x[from + i];
            }
        }
        if (extreme == 0) {
            return 0;
        }
        float best = -extreme / levels;
        float gain = Float.NEGATIVE_INFINITY;
        for (int side = -levels; side <= levels - 1; side += 2 * levels - 1) {
            for (int step = -TRIES; step <= TRIES; step++) {
                float inverse = (side + Math.signum(side) * STEP * step) / extreme;
                if (side * (double) (inverse * extreme) <= 0 || !Float.isFinite(inverse)) {
                    continue;
                }
                sums(x, from, count, inverse);
                if (sumQq > 0 && sumXq * sumXq > gain * sumQq) {
                    gain = sumXq * sumXq / sumQq;
                    best = sumXq / sumQq;
                }
            }
        }
        return refined(x, from, count, best);
    }

    /** Once more with the numbers that the scale itself gives. */
    private float refined(float[] x, int from, int count, float scale) {
        sums(x, from, count, Halves.inverse(scale));
        return sumQq > 0 ? sumXq / sumQq : scale;
    }

    private void sums(float[] x, int from, int count, float inverse) {
        float xq = 0;
        float qq = 0;
        for (int i = 0; i < count; i++) {
            float value = x[from + i];
            float q = code(value * inverse, levels);
            xq += value * q;
            qq += q * q;
        }
        sumXq = xq;
        sumQq = qq;
    }

    /** The nearest of the whole numbers. */
    static int code(float value, int levels) {
        return Math.min(levels - 1, Math.max(-levels, Math.round(value)));
    }

    /** Sum of squared errors under a scale. */
    static double error(float[] x, int from, int count, float scale, int levels) {
        float inverse = Halves.inverse(scale);
        double sum = 0;
        for (int i = 0; i < count; i++) {
            float difference = x[from + i] - scale * code(x[from + i] * inverse, levels);
            sum += (double) difference * difference;
        }
        return sum;
    }
}
