package dev.hearth.sample;

import java.util.Arrays;

/**
 * Finds the value at which, going from the largest value down, the masses add up to a target: the k-th largest if each mass is
 * 1, the edge of the nucleus if they are probabilities. Not thread-safe.
 */
/*
 * A radix descent instead of a sort: masses are summed by the upper 11 bits of a key that orders as the values do, then by the
 * middle 11 among those in the bin that reaches the target, then by the lower 10. Three passes for any distribution, and
 * equal values stay together for the caller to split by index. Sums run in index order, so they don't depend on anything else.
 */
final class RankCut {
    private static final int[] SHIFTS = {21, 10, 0};
    private static final int[] BINS = {1 << 11, 1 << 11, 1 << 10};

    private final double[] sums = new double[1 << 11];
    private double above;
    private int key;

    /**
     * Descends through the first {@code count} values, none of them NaN. If all masses together miss {@code target}, which
     * rounding can do, the cut is at the smallest value.
     *
     * @param count at least 1
     * @param target above 0
     */
    void find(float[] values, double[] masses, int count, double target) {
        above = 0;
        int prefix = 0;
        int known = 0; // the bits that prefix fixes
        for (int level = 0; level < SHIFTS.length; level++) {
            int shift = SHIFTS[level];
            int digits = BINS[level] - 1;
            Arrays.fill(sums, 0, BINS[level], 0);
            for (int i = 0; i < count; i++) {
                int candidate = unsigned(values[i]);
                if ((candidate & known) == prefix) {
                    sums[candidate >>> shift & digits] += masses[i];
                }
            }
            prefix |= descend(digits, target) << shift;
            known |= digits << shift;
        }
        key = prefix ^ Integer.MIN_VALUE;
    }

    /** The bin that reaches the target, else the lowest that holds anything; adds those over it to {@code above}. */
    private int descend(int highest, double target) {
        int chosen = -1;
        for (int bin = highest; bin >= 0; bin--) {
            if (sums[bin] == 0) {
                continue;
            }
            if (chosen >= 0) {
                above += sums[chosen];
            }
            chosen = bin;
            if (above + sums[bin] >= target) {
                break;
            }
        }
        return chosen;
    }

    /** The {@link #key(float)} of the value at the cut. */
    int key() {
        return key;
    }

    /** The value at the cut. */
    float value() {
        return Float.intBitsToFloat(key ^ key >> 31 & Integer.MAX_VALUE);
    }

    /** The mass of all values above the cut. */
    double above() {
        return above;
    }

    /** An int that orders as the value does; 0 and -0 are equal. */
    static int key(float value) {
        int bits = Float.floatToRawIntBits(value + 0.0f); // -0 + 0 is 0
        return bits ^ bits >> 31 & Integer.MAX_VALUE;
    }

    private static int unsigned(float value) {
        return key(value) ^ Integer.MIN_VALUE;
    }
}
