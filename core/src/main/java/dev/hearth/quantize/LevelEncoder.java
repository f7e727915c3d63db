package dev.hearth.quantize;

import java.nio.ByteBuffer;

/** IQ4_NL: an f16 scale, 32 nibbles that name levels which lie closer together near zero. */
final class LevelEncoder implements BlockEncoder {
    private static final int SIZE = 32;
    private static final int TRIES = 16;
    private static final float STEP = 0.02f;

    /** ggml-common.h, {@code kvalues_iq4nl}. */
    private static final int[] LEVELS = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

    /** The level that is nearest to each whole number from -127 to 113. */
    private static final byte[] NEAREST = nearest();

    private final int[] codes = new int[SIZE];
    private float fittedScale;

    @Override
    public void encode(float[] x, int from, ByteBuffer out, int at) {
        float extreme = 0;
        for (int i = 0; i < SIZE; i++) {
            if (Math.abs(x[from + i]) > Math.abs(extreme)) {
                extreme = x[from + i];
            }
        }
        float scale = extreme == 0 ? 0 : scale(x, from, extreme);
        float inverse = Halves.inverse(scale);
        for (int i = 0; i < SIZE; i++) {
            codes[i] = code(x[from + i] * inverse);
        }
        out.putShort(at, Halves.bits(scale));
        Codes.nibbles(codes, out, at + 2);
    }

    /** Of both signs, since the levels reach further below zero than above. */
    private float scale(float[] x, int from, float extreme) {
        float best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int side : new int[] {LEVELS[0], LEVELS[15]}) {
            for (int step = -TRIES; step <= TRIES; step++) {
                float inverse = side * (1 + STEP * step) / extreme;
                if (!Float.isFinite(inverse)) {
                    continue;
                }
                refit(x, from, inverse);
                float rounded = Halves.round(fittedScale);
                double error = error(x, from, rounded);
                if (error < least) {
                    least = error;
                    best = rounded;
                }
            }
        }
        return best;
    }

    /** The best scale for the levels that another one gives. */
    private void refit(float[] x, int from, float inverse) {
        float sumXl = 0;
        float sumLl = 0;
        for (int i = 0; i < SIZE; i++) {
            float level = LEVELS[code(x[from + i] * inverse)];
            sumXl += x[from + i] * level;
            sumLl += level * level;
        }
        fittedScale = sumXl / sumLl; // no level is zero
    }

    private static double error(float[] x, int from, float scale) {
        float inverse = Halves.inverse(scale);
        double sum = 0;
        for (int i = 0; i < SIZE; i++) {
            float difference = x[from + i] - scale * LEVELS[code(x[from + i] * inverse)];
            sum += (double) difference * difference;
        }
        return sum;
    }

    private static int code(float value) {
        int floor = (int) Math.floor(Math.min(113, Math.max(-127, value)));
        int code = NEAREST[floor + 127];
        // a boundary may lie between two whole numbers
        return code < 15 && LEVELS[code + 1] - value < value - LEVELS[code] ? code + 1 : code;
    }

    private static byte[] nearest() {
        byte[] table = new byte[113 + 127 + 1];
        int code = 0;
        for (int value = -127; value <= 113; value++) {
            while (code < 15 && LEVELS[code + 1] - value < value - LEVELS[code]) {
                code++;
            }
            table[value + 127] = (byte) code;
        }
        return table;
    }
}
