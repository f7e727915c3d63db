package dev.hearth.quantize;

import java.nio.ByteBuffer;

/** MXFP4: the exponent of a power of two in a byte, 32 floats of 4 bits (E2M1). */
final class MicroscalingEncoder implements BlockEncoder {
    private static final int SIZE = 32;

    /** Twice the eight magnitudes of E2M1, which makes them whole; the scale is halved for it. */
    private static final int[] MAGNITUDES = {0, 1, 2, 3, 4, 6, 8, 12};

    private static final int BIAS = 128; // of the halved scale
    private static final int GREATEST = 254; // 255 is NaN

    private final int[] codes = new int[SIZE];

    @Override
    public void encode(float[] x, int from, ByteBuffer out, int at) {
        float largest = 0;
        for (int i = 0; i < SIZE; i++) {
            largest = Math.max(largest, Math.abs(x[from + i]));
        }
        int exponent = largest == 0 ? 0 : exponent(x, from, Math.getExponent(largest) - 3 + BIAS);
        float scale = scale(exponent);
        float inverse = Halves.inverse(scale);
        for (int i = 0; i < SIZE; i++) {
            codes[i] = code(x[from + i] * inverse);
            if (Float.isInfinite(scale * MAGNITUDES[codes[i] & 7])) {
                throw new ArithmeticException(x[from + i] + " exceeds what MXFP4 holds; use F32");
            }
        }
        out.put(at, (byte) exponent);
        Codes.nibbles(codes, out, at + 1);
    }

    /** The best of the exponent for which the largest value lies in the upper half of the range, and its neighbours. */
    private static int exponent(float[] x, int from, int middle) {
        int best = Math.clamp(middle, 0, GREATEST);
        double least = Double.POSITIVE_INFINITY;
        for (int candidate = middle - 1; candidate <= middle + 1; candidate++) {
            if (candidate < 0 || candidate > GREATEST) {
                continue;
            }
            double error = error(x, from, scale(candidate));
            if (error < least) {
                least = error;
                best = candidate;
            }
        }
        return best;
    }

    private static float scale(int exponent) {
        return Math.scalb(1f, exponent - BIAS);
    }

    private static double error(float[] x, int from, float scale) {
        float inverse = Halves.inverse(scale);
        double sum = 0;
        for (int i = 0; i < SIZE; i++) {
            int code = code(x[from + i] * inverse);
            int value = code < 8 ? MAGNITUDES[code] : -MAGNITUDES[code - 8];
            double difference = x[from + i] - (double) scale * value;
            sum += difference * difference;
        }
        return sum;
    }

    private static int code(float value) {
        float magnitude = Math.abs(value);
        int code = 0;
        while (code < 7 && MAGNITUDES[code + 1] - magnitude < magnitude - MAGNITUDES[code]) {
            code++;
        }
        return value < 0 && code > 0 ? code + 8 : code;
    }
}
