package dev.hearth.quantize;

import java.nio.ByteBuffer;

/** Q4_1 and Q5_1: an f16 scale, an f16 minimum, then {@code d * q + m} for 32 values. */
final class AffineEncoder implements BlockEncoder {
    private static final int SIZE = 32;

    /** How codes lie behind scale and minimum. */
    enum Layout {
        NIBBLES(15),
        FIVE_BITS(31);

        private final int most;

        Layout(int most) {
            this.most = most;
        }
    }

    private final Layout layout;
    private final AffineFit fit;
    private final int[] codes = new int[SIZE];

    AffineEncoder(Layout layout) {
        this.layout = layout;
        this.fit = new AffineFit(layout.most, AffineFit.Offset.ANY);
    }

    @Override
    public void encode(float[] x, int from, ByteBuffer out, int at) {
        int most = layout.most;
        fit.fit(x, from, SIZE);
        float scale = Halves.round(fit.scale);
        float minimum = Halves.round(fit.offset);
        float low = least(x, from);
        float plainScale = Halves.round((greatest(x, from) - low) / most); // what ggml takes
        float plainMinimum = Halves.round(low);
        if (AffineFit.error(x, from, SIZE, plainScale, plainMinimum, most)
                < AffineFit.error(x, from, SIZE, scale, minimum, most)) {
            scale = plainScale;
            minimum = plainMinimum;
        }
        if (AffineFit.error(x, from, SIZE, 0, 0, most) < AffineFit.error(x, from, SIZE, scale, minimum, most)) {
            scale = 0; // too small for f16: zeros are nearer than its least number
            minimum = 0;
        }
        float inverse = Halves.inverse(scale);
        for (int i = 0; i < SIZE; i++) {
            codes[i] = AffineFit.code((x[from + i] - minimum) * inverse, most);
        }
        out.putShort(at, Halves.bits(scale));
        out.putShort(at + 2, Halves.bits(minimum));
        switch (layout) {
            case NIBBLES -> Codes.nibbles(codes, out, at + 4);
            case FIVE_BITS -> Codes.fiveBits(codes, out, at + 4);
        }
    }

    private static float least(float[] x, int from) {
        float low = x[from];
        for (int i = 1; i < SIZE; i++) {
            low = Math.min(low, x[from + i]);
        }
        return low;
    }

    private static float greatest(float[] x, int from) {
        float high = x[from];
        for (int i = 1; i < SIZE; i++) {
            high = Math.max(high, x[from + i]);
        }
        return high;
    }
}
