package dev.hearth.quantize;

import java.nio.ByteBuffer;

/** Q4_0 and Q5_0: an f16 scale, then {@code d * (q - levels)} for 32 values. */
final class SymmetricEncoder implements BlockEncoder {
    private static final int SIZE = 32;

    /** How codes lie behind the scale. */
    enum Layout {
        NIBBLES(8),
        FIVE_BITS(16);

        private final int levels;

        Layout(int levels) {
            this.levels = levels;
        }
    }

    private final Layout layout;
    private final SymmetricFit fit;
    private final int[] codes = new int[SIZE];

    SymmetricEncoder(Layout layout) {
        this.layout = layout;
        this.fit = new SymmetricFit(layout.levels);
    }

    @Override
    public void encode(float[] x, int from, ByteBuffer out, int at) {
        int levels = layout.levels;
        float plain = Halves.round(plainScale(x, from));
        float fitted = Halves.round(fit.scale(x, from, SIZE));
        boolean better =
                SymmetricFit.error(x, from, SIZE, fitted, levels) <= SymmetricFit.error(x, from, SIZE, plain, levels);
        float scale = better ? fitted : plain;
        float inverse = Halves.inverse(scale);
        for (int i = 0; i < SIZE; i++) {
            codes[i] = SymmetricFit.code(x[from + i] * inverse, levels) + levels;
        }
        out.putShort(at, Halves.bits(scale));
        switch (layout) {
            case NIBBLES -> Codes.nibbles(codes, out, at + 2);
            case FIVE_BITS -> Codes.fiveBits(codes, out, at + 2);
        }
    }

    /** What ggml takes: the largest value becomes the lowest level. */
    private float plainScale(float[] x, int from) {
        float extreme = 0;
        for (int i = 0; i < SIZE; i++) {
            if (Math.abs(x[from + i]) > Math.abs(extreme)) {
                extreme = x[from + i];
            }
        }
        return extreme / -layout.levels;
    }
}
