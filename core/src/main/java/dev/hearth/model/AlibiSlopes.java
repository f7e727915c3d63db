package dev.hearth.model;

/**
 * The slope of each head by which attention with linear biases prefers what is near; Press and others 2021, arXiv:2108.12409:
 * {@code 2^(-most * i / n)} for i from 1 to n, the greatest power of two within the heads, and for the heads left over those of
 * twice as many heads that fall between, {@code 2^(-most * (2j - 1) / 2n)}.
 */
public final class AlibiSlopes {
    private AlibiSlopes() {}

    /** One a head; {@code most} is the exponent of the last of a power of two, 8 in the paper. */
    public static float[] of(int heads, double most) {
        int n = Integer.highestOneBit(heads);
        float[] slopes = new float[heads];
        for (int h = 0; h < heads; h++) {
            double part = h < n ? (h + 1.0) / n : (2 * (h - n) + 1.0) / (2 * n);
            slopes[h] = (float) Math.pow(2, -most * part);
        }
        return slopes;
    }
}
