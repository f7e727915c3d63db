package dev.hearth.conformance;

import java.util.Arrays;

/**
 * A row as double precision gives it.
 *
 * @param values NaN where the result has to be NaN
 * @param bounds greatest honest difference of each value in binary32; infinite where nothing is claimed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Expected(double[] values, double[] bounds) {
    /** Half the distance from 1 to the next F32: the greatest relative error of one rounding. */
    static final double U = 0x1p-24;

    /** The least positive F32, no rounding of a result near zero errs by more. */
    static final double TINY = 0x1p-149;

    /** The greatest F32. */
    static final double HUGE = Float.MAX_VALUE;

    static Expected of(int width) {
        return new Expected(new double[width], new double[width]);
    }

    /** A row about which double precision says nothing, for inputs where binary32 overflows on the way. */
    static Expected nothing(int width) {
        Expected e = of(width);
        Arrays.fill(e.bounds, Double.POSITIVE_INFINITY);
        return e;
    }

    /** Sets one value. */
    void set(int i, double value, double bound) {
        values[i] = value;
        bounds[i] = bound;
    }

    /**
     * Error of a sum of {@code count} products in F32 by sixteen or eight partial sums or better balanced ones, each term rounded
     * {@code roundings} times before; Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1.
     *
     * @param magnitude sum of the absolute terms
     */
    static double sumError(int count, int roundings, double magnitude) {
        double n = count / 8.0 + 8 + roundings;
        return n * U / (1 - n * U) * magnitude + count * TINY;
    }

    /** Throws an AssertionError unless a row agrees. */
    void assertAgrees(float[] found, double factor, String what) {
        if (found.length != values.length) {
            throw new AssertionError(what + ": expected " + values.length + " values, found " + found.length);
        }
        for (int i = 0; i < values.length; i++) {
            if (!agrees(found[i], i, factor)) {
                throw new AssertionError(what + ", element " + i + ": double precision gives " + values[i] + " within "
                        + factor + " * " + bounds[i] + ", found " + found[i]);
            }
        }
    }

    private boolean agrees(float found, int i, double factor) {
        if (bounds[i] == Double.POSITIVE_INFINITY) {
            return true;
        }
        if (Double.isNaN(values[i])) {
            return Float.isNaN(found);
        }
        if (Math.abs(values[i]) > HUGE * (1 + U)) {
            return found == (float) values[i];
        }
        return Math.abs(found - values[i]) <= factor * bounds[i];
    }
}
