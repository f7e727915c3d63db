package dev.hearth.cpu;

import static dev.hearth.cpu.VectorMath.EIGHT;
import static dev.hearth.cpu.VectorMath.F;
import static dev.hearth.cpu.VectorMath.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Dot products of four rows with one or two vectors, in the order of {@link dev.hearth.spi.Ops}. */
final class DotTiles {
    /** Rows of a tile. */
    static final int ROWS = 4;

    /* A lane sums at most 2^24 / 2^19 = 32 products before a float could round: an int8 value times a code with its group's
     * scale is below 2^19 (Q6_K: 32 * 128 * 128; Q4_K: 15 * 63 * 128). */
    private static final int EXACT_ELEMENTS = Math.min(256, 32 * LANES);

    private DotTiles() {}

    /**
     * Sixteen sums each for rows 0 to 3 and one vector.
     *
     * @param rows four rows, {@code width} apart from {@code at} on
     * @param width a multiple of 16
     * @param sums receives row 0's sums, then row 1's and so on
     */
    static void one(float[] rows, int at, int width, float[] x, int xAt, float[] sums) {
        for (int lane = 0; lane < 16; lane += LANES) {
            FloatVector a = FloatVector.zero(F);
            FloatVector b = FloatVector.zero(F);
            FloatVector c = FloatVector.zero(F);
            FloatVector d = FloatVector.zero(F);
            for (int k = lane; k < width; k += 16) {
                FloatVector v = FloatVector.fromArray(F, x, xAt + k);
                a = v.fma(FloatVector.fromArray(F, rows, at + k), a);
                b = v.fma(FloatVector.fromArray(F, rows, at + width + k), b);
                c = v.fma(FloatVector.fromArray(F, rows, at + 2 * width + k), c);
                d = v.fma(FloatVector.fromArray(F, rows, at + 3 * width + k), d);
            }
            a.intoArray(sums, lane);
            b.intoArray(sums, 16 + lane);
            c.intoArray(sums, 32 + lane);
            d.intoArray(sums, 48 + lane);
        }
    }

    /** As {@link #one}, for the vectors at {@code xAt} and {@code width} behind it: the second one's sums follow the first's. */
    static void two(float[] rows, int at, int width, float[] x, int xAt, float[] sums) {
        for (int lane = 0; lane < 16; lane += LANES) {
            FloatVector a = FloatVector.zero(F);
            FloatVector b = FloatVector.zero(F);
            FloatVector c = FloatVector.zero(F);
            FloatVector d = FloatVector.zero(F);
            FloatVector e = FloatVector.zero(F);
            FloatVector f = FloatVector.zero(F);
            FloatVector g = FloatVector.zero(F);
            FloatVector h = FloatVector.zero(F);
            for (int k = lane; k < width; k += 16) {
                FloatVector v = FloatVector.fromArray(F, x, xAt + k);
                FloatVector u = FloatVector.fromArray(F, x, xAt + width + k);
                FloatVector w = FloatVector.fromArray(F, rows, at + k);
                a = v.fma(w, a);
                e = u.fma(w, e);
                w = FloatVector.fromArray(F, rows, at + width + k);
                b = v.fma(w, b);
                f = u.fma(w, f);
                w = FloatVector.fromArray(F, rows, at + 2 * width + k);
                c = v.fma(w, c);
                g = u.fma(w, g);
                w = FloatVector.fromArray(F, rows, at + 3 * width + k);
                d = v.fma(w, d);
                h = u.fma(w, h);
            }
            a.intoArray(sums, lane);
            b.intoArray(sums, 16 + lane);
            c.intoArray(sums, 32 + lane);
            d.intoArray(sums, 48 + lane);
            e.intoArray(sums, 64 + lane);
            f.intoArray(sums, 80 + lane);
            g.intoArray(sums, 96 + lane);
            h.intoArray(sums, 112 + lane);
        }
    }

    /**
     * Exact dot products of blocks of 32: row r's block b goes to {@code exact[r * stride + b]}. Any order is exact: 32 products
     * of int8 stay below 2^20.
     */
    static void blocksOf32(float[] rows, int width, float[] x, int xAt, float[] exact, int stride) {
        for (int k = 0, block = 0; k < width; k += 32, block++) {
            FloatVector v = FloatVector.fromArray(F, x, xAt + k);
            FloatVector a = v.mul(FloatVector.fromArray(F, rows, k));
            FloatVector b = v.mul(FloatVector.fromArray(F, rows, width + k));
            FloatVector c = v.mul(FloatVector.fromArray(F, rows, 2 * width + k));
            FloatVector d = v.mul(FloatVector.fromArray(F, rows, 3 * width + k));
            for (int i = k + LANES; i < k + 32; i += LANES) {
                v = FloatVector.fromArray(F, x, xAt + i);
                a = v.fma(FloatVector.fromArray(F, rows, i), a);
                b = v.fma(FloatVector.fromArray(F, rows, width + i), b);
                c = v.fma(FloatVector.fromArray(F, rows, 2 * width + i), c);
                d = v.fma(FloatVector.fromArray(F, rows, 3 * width + i), d);
            }
            // + 0: a zero sum has to be a positive one, as an integer's is
            exact[block] = a.reduceLanes(VectorOperators.ADD) + 0f;
            exact[stride + block] = b.reduceLanes(VectorOperators.ADD) + 0f;
            exact[2 * stride + block] = c.reduceLanes(VectorOperators.ADD) + 0f;
            exact[3 * stride + block] = d.reduceLanes(VectorOperators.ADD) + 0f;
        }
    }

    /** As {@link #blocksOf32} for blocks of 256, whose totals need an int. */
    static void blocksOf256(float[] rows, int width, float[] x, int xAt, float[] exact, int stride) {
        for (int k = 0, block = 0; k < width; k += 256, block++) {
            int a = 0;
            int b = 0;
            int c = 0;
            int d = 0;
            for (int part = k; part < k + 256; part += EXACT_ELEMENTS) {
                FloatVector sumA = FloatVector.zero(F);
                FloatVector sumB = FloatVector.zero(F);
                FloatVector sumC = FloatVector.zero(F);
                FloatVector sumD = FloatVector.zero(F);
                for (int i = part; i < part + EXACT_ELEMENTS; i += LANES) {
                    FloatVector v = FloatVector.fromArray(F, x, xAt + i);
                    sumA = v.fma(FloatVector.fromArray(F, rows, i), sumA);
                    sumB = v.fma(FloatVector.fromArray(F, rows, width + i), sumB);
                    sumC = v.fma(FloatVector.fromArray(F, rows, 2 * width + i), sumC);
                    sumD = v.fma(FloatVector.fromArray(F, rows, 3 * width + i), sumD);
                }
                a += total(sumA);
                b += total(sumB);
                c += total(sumC);
                d += total(sumD);
            }
            exact[block] = a;
            exact[stride + block] = b;
            exact[2 * stride + block] = c;
            exact[3 * stride + block] = d;
        }
    }

    private static int total(FloatVector whole) {
        return ((IntVector) whole.convert(VectorOperators.F2I, 0)).reduceLanes(VectorOperators.ADD);
    }

    /**
     * The sum8 of a row's blocks: {@code fma(d * scale, exact, p)} in order.
     *
     * @param blocks a multiple of 8; those behind the row have d -0, scale 0 and exact 0, so that they add -0, which keeps the
     *     sign of every zero
     * @param p room for eight sums
     */
    static float sum8(
            float[] d, int dAt, float[] scale, int scaleAt, float[] exact, int exactAt, int blocks, float[] p) {
        for (int lane = 0; lane < 8; lane += EIGHT.length()) {
            FloatVector sum = FloatVector.zero(EIGHT);
            for (int b = lane; b < blocks; b += 8) {
                FloatVector s =
                        FloatVector.fromArray(EIGHT, d, dAt + b).mul(FloatVector.fromArray(EIGHT, scale, scaleAt + b));
                sum = s.fma(FloatVector.fromArray(EIGHT, exact, exactAt + b), sum);
            }
            sum.intoArray(p, lane);
        }
        return VectorMath.fold8(p, 0);
    }

    /** As {@link #sum8}, each block followed by {@code fma(-(dmin * scale), minimum, p)}; padding there is 0 in all three. */
    static float sum8(
            float[] d,
            int dAt,
            float[] scale,
            int scaleAt,
            float[] exact,
            int exactAt,
            float[] dmin,
            float[] minimum,
            int blocks,
            float[] p) {
        for (int lane = 0; lane < 8; lane += EIGHT.length()) {
            FloatVector sum = FloatVector.zero(EIGHT);
            for (int b = lane; b < blocks; b += 8) {
                FloatVector a = FloatVector.fromArray(EIGHT, scale, scaleAt + b);
                FloatVector s = FloatVector.fromArray(EIGHT, d, dAt + b).mul(a);
                sum = s.fma(FloatVector.fromArray(EIGHT, exact, exactAt + b), sum);
                FloatVector m =
                        FloatVector.fromArray(EIGHT, dmin, dAt + b).mul(a).neg();
                sum = m.fma(FloatVector.fromArray(EIGHT, minimum, b), sum);
            }
            sum.intoArray(p, lane);
        }
        return VectorMath.fold8(p, 0);
    }
}
