package dev.hearth.quantize;

import java.nio.ByteBuffer;

/**
 * Q3_K and Q6_K: {@code (d * sc) * q} for 256 values in 16 groups, each with a signed whole-number scale sc; d is f16. Found as
 * in {@link GroupedAffineEncoder}.
 */
final class GroupedSymmetricEncoder implements BlockEncoder {
    private static final int SIZE = 256;
    private static final int GROUP = 16;
    private static final int GROUPS = SIZE / GROUP;
    private static final int ROUNDS = 3;

    /** Which bits lie where. */
    enum Layout {
        THREE_BITS(4, 32, 108),
        SIX_BITS(32, 128, 208);

        private final int levels;
        private final int scaleLevels;
        private final int scaleAt;

        Layout(int levels, int scaleLevels, int scaleAt) {
            this.levels = levels;
            this.scaleLevels = scaleLevels;
            this.scaleAt = scaleAt;
        }
    }

    private final Layout layout;
    private final SymmetricFit fit;
    private final float[] groupScale = new float[GROUPS];
    private final int[] scale = new int[GROUPS];
    private final int[] bestScale = new int[GROUPS];
    private final int[] codes = new int[SIZE];
    private float d;

    GroupedSymmetricEncoder(Layout layout) {
        this.layout = layout;
        this.fit = new SymmetricFit(layout.levels);
    }

    @Override
    public void encode(float[] x, int from, ByteBuffer out, int at) {
        float extreme = 0;
        for (int g = 0; g < GROUPS; g++) {
            groupScale[g] = fit.scale(x, from + g * GROUP, GROUP);
            if (Math.abs(groupScale[g]) > Math.abs(extreme)) {
                extreme = groupScale[g];
            }
        }
        d = Halves.round(extreme / -layout.scaleLevels);
        search(x, from);
        for (int i = 0; i < SIZE; i++) {
            float inverse = Halves.inverse(d * scale[i / GROUP]);
            codes[i] = SymmetricFit.code(x[from + i] * inverse, layout.levels) + layout.levels;
        }
        out.putShort(at + layout.scaleAt, Halves.bits(d));
        switch (layout) {
            case THREE_BITS -> GroupedCodes.threeBits(codes, scale, out, at);
            case SIX_BITS -> GroupedCodes.sixBits(codes, scale, out, at);
        }
    }

    /** Finds d and every group's whole number. */
    private void search(float[] x, int from) {
        float bestD = d;
        double least = Double.POSITIVE_INFINITY;
        for (int round = 0; round < ROUNDS; round++) {
            double error = 0;
            for (int g = 0; g < GROUPS; g++) {
                error += chooseNumber(x, from + g * GROUP, g);
            }
            if (error >= least) {
                break;
            }
            least = error;
            bestD = d;
            System.arraycopy(scale, 0, bestScale, 0, GROUPS);
            refit(x, from);
        }
        d = bestD;
        System.arraycopy(bestScale, 0, scale, 0, GROUPS);
    }

    /** A group's whole number under d, and the error that it leaves. */
    private double chooseNumber(float[] x, int from, int g) {
        int nearest = SymmetricFit.code(groupScale[g] * Halves.inverse(d), layout.scaleLevels);
        double least = Double.POSITIVE_INFINITY;
        int lowest = Math.max(-layout.scaleLevels, nearest - 1);
        int highest = Math.min(layout.scaleLevels - 1, nearest + 1);
        for (int s = lowest; s <= highest; s++) {
            double error = SymmetricFit.error(x, from, GROUP, d * s, layout.levels);
            if (error < least) {
                least = error;
                scale[g] = s;
            }
        }
        return least;
    }

    /** The d that fits all codes best, as they are now. */
    private void refit(float[] x, int from) {
        double xs = 0;
        double ss = 0;
        for (int i = 0; i < SIZE; i++) {
            int sc = scale[i / GROUP];
            double s = sc * SymmetricFit.code(x[from + i] * Halves.inverse(d * sc), layout.levels);
            xs += x[from + i] * s;
            ss += s * s;
        }
        if (ss > 0) {
            d = Halves.round((float) (xs / ss));
        }
    }
}
