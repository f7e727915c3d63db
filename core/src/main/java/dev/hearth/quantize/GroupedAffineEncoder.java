package dev.hearth.quantize;

import java.nio.ByteBuffer;

/**
 * Q2_K, Q4_K and Q5_K: {@code (d * sc) * q - dmin * m} for 256 values in groups, each with a whole-number scale sc and minimum m;
 * d and dmin are f16.
 *
 * <p>Each group is fitted by itself; the largest scale and minimum set d and dmin; then each group takes the whole numbers around
 * its own scale and minimum that leave it the smallest error; then d and dmin are fitted to all codes, as long as that helps.
 */
final class GroupedAffineEncoder implements BlockEncoder {
    private static final int SIZE = 256;
    private static final int ROUNDS = 3;

    /** Which bits lie where. */
    enum Layout {
        TWO_BITS(16, 3, 15, 80),
        NIBBLES(32, 15, 63, 0),
        FIVE_BITS(32, 31, 63, 0);

        private final int groupSize;
        private final int most;
        private final int mostScale;
        private final int scaleAt;

        Layout(int groupSize, int most, int mostScale, int scaleAt) {
            this.groupSize = groupSize;
            this.most = most;
            this.mostScale = mostScale;
            this.scaleAt = scaleAt;
        }

        private int groups() {
            return SIZE / groupSize;
        }
    }

    private final Layout layout;
    private final AffineFit fit;
    private final float[] groupScale;
    private final float[] groupMinimum;
    private final int[] scale;
    private final int[] minimum;
    private final int[] bestScale;
    private final int[] bestMinimum;
    private final int[] codes = new int[SIZE];
    private float d;
    private float dmin;

    GroupedAffineEncoder(Layout layout) {
        this.layout = layout;
        this.fit = new AffineFit(layout.most, AffineFit.Offset.NOT_POSITIVE);
        int groups = layout.groups();
        groupScale = new float[groups];
        groupMinimum = new float[groups];
        scale = new int[groups];
        minimum = new int[groups];
        bestScale = new int[groups];
        bestMinimum = new int[groups];
    }

    @Override
    public void encode(float[] x, int from, ByteBuffer out, int at) {
        float mostScale = 0;
        float mostMinimum = 0;
        for (int g = 0; g < layout.groups(); g++) {
            fit.fit(x, from + g * layout.groupSize, layout.groupSize);
            groupScale[g] = fit.scale;
            groupMinimum[g] = -fit.offset;
            mostScale = Math.max(mostScale, groupScale[g]);
            mostMinimum = Math.max(mostMinimum, groupMinimum[g]);
        }
        d = Halves.round(mostScale / layout.mostScale);
        dmin = Halves.round(mostMinimum / layout.mostScale);
        search(x, from);
        for (int g = 0; g < layout.groups(); g++) {
            float s = d * scale[g];
            float m = dmin * minimum[g];
            for (int i = g * layout.groupSize; i < (g + 1) * layout.groupSize; i++) {
                codes[i] = AffineFit.code((x[from + i] + m) * Halves.inverse(s), layout.most);
            }
        }
        write(out, at);
    }

    /** Finds d, dmin and every group's whole numbers. */
    private void search(float[] x, int from) {
        float bestD = d;
        float bestDmin = dmin;
        double least = Double.POSITIVE_INFINITY;
        for (int round = 0; round < ROUNDS; round++) {
            double error = 0;
            for (int g = 0; g < layout.groups(); g++) {
                error += chooseNumbers(x, from + g * layout.groupSize, g);
            }
            if (error >= least) {
                break;
            }
            least = error;
            bestD = d;
            bestDmin = dmin;
            System.arraycopy(scale, 0, bestScale, 0, scale.length);
            System.arraycopy(minimum, 0, bestMinimum, 0, minimum.length);
            refit(x, from);
        }
        d = bestD;
        dmin = bestDmin;
        System.arraycopy(bestScale, 0, scale, 0, scale.length);
        System.arraycopy(bestMinimum, 0, minimum, 0, minimum.length);
    }

    /** A group's whole numbers under d and dmin, and the error that they leave. */
    private double chooseNumbers(float[] x, int from, int g) {
        int s0 = nearest(groupScale[g], d);
        int m0 = nearest(groupMinimum[g], dmin);
        double least = Double.POSITIVE_INFINITY;
        for (int s = Math.max(0, s0 - 1); s <= Math.min(layout.mostScale, s0 + 1); s++) {
            for (int m = Math.max(0, m0 - 1); m <= Math.min(layout.mostScale, m0 + 1); m++) {
                double error = AffineFit.error(x, from, layout.groupSize, d * s, -(dmin * m), layout.most);
                if (error < least) {
                    least = error;
                    scale[g] = s;
                    minimum[g] = m;
                }
            }
        }
        return least;
    }

    private int nearest(float value, float unit) {
        return Math.clamp(Math.round(value * Halves.inverse(unit)), 0, layout.mostScale);
    }

    /** The d and dmin that fit all codes best, as they are now. */
    private void refit(float[] x, int from) {
        double ss = 0;
        double sm = 0;
        double mm = 0;
        double xs = 0;
        double xm = 0;
        for (int g = 0; g < layout.groups(); g++) {
            float inverse = Halves.inverse(d * scale[g]);
            float m = minimum[g];
            for (int i = g * layout.groupSize; i < (g + 1) * layout.groupSize; i++) {
                float value = x[from + i];
                double s = scale[g] * AffineFit.code((value + dmin * m) * inverse, layout.most);
                ss += s * s;
                sm += s * m;
                mm += m * m;
                xs += value * s;
                xm += value * m;
            }
        }
        double determinant = ss * mm - sm * sm;
        if (determinant > 0) {
            float newD = (float) ((xs * mm - xm * sm) / determinant);
            float newDmin = (float) ((xs * sm - xm * ss) / determinant);
            if (newD > 0 && newDmin >= 0) {
                d = Halves.round(newD);
                dmin = Halves.round(newDmin);
            }
        } else if (ss > 0 && xs > 0) {
            d = Halves.round((float) (xs / ss));
        }
    }

    private void write(ByteBuffer out, int at) {
        out.putShort(at + layout.scaleAt, Halves.bits(d));
        out.putShort(at + layout.scaleAt + 2, Halves.bits(dmin));
        switch (layout) {
            case TWO_BITS -> {
                for (int g = 0; g < 16; g++) {
                    out.put(at + g, (byte) (scale[g] | minimum[g] << 4));
                }
                GroupedCodes.pairs(codes, out, at + 16);
            }
            case NIBBLES -> {
                GroupedCodes.sixBitScales(scale, minimum, out, at + 4);
                GroupedCodes.nibbles(codes, out, at + 16);
            }
            case FIVE_BITS -> {
                GroupedCodes.sixBitScales(scale, minimum, out, at + 4);
                GroupedCodes.fifthBits(codes, out, at + 16);
                GroupedCodes.nibbles(codes, out, at + 48);
            }
        }
    }
}
