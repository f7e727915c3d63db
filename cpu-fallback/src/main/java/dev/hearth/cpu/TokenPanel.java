package dev.hearth.cpu;

import static dev.hearth.cpu.VectorMath.F;
import static dev.hearth.cpu.VectorMath.I;
import static dev.hearth.cpu.VectorMath.LANES;

import dev.hearth.tensor.DType;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Integer products of four weight rows with many tokens, a lane for each token, so that nothing has to be added across lanes as
 * {@link DotTiles} must for every block. Same bits, for block sums are exact and the sum8 of a token runs in its lane. One
 * thread.
 */
final class TokenPanel {
    /** Tokens of a panel: two vectors. */
    static final int TOKENS = 2 * LANES;

    private static final int ROWS = DotTiles.ROWS;
    private static final int SUMS = ROWS * TOKENS;

    private final Activations activations;
    private final boolean wideBlocks;
    private final int exactElements;
    private final int stride;
    private final int blocks;
    private final float[] values; // [panel][element][token]
    private final float[] scales; // [panel][block][token]
    private final float[] groupSums; // [panel][group][token]
    private final float[] sums = new float[SUMS]; // [row][token]: exact sums of some elements
    private final int[] totals = new int[SUMS]; // of a block of 256
    private final float[] exact = new float[SUMS]; // of a block
    private final float[] p = new float[8 * SUMS]; // [block mod 8][row][token]

    /** The results of {@link #multiply}, [row][token]. */
    final float[] result = new float[SUMS];

    /**
     * Panels for up to {@code tokens} of {@code activations}.
     *
     * @param weight Q8_0, Q4_0, Q4_K or Q6_K
     */
    TokenPanel(Activations activations, DType weight, int tokens) {
        this.activations = activations;
        wideBlocks = weight.blockSize() == 256;
        // a float holds 2^24: 128 * 2^17 (15 * 63 * 128) of Q4_K, 32 * 2^19 (32 * 128 * 128) of Q6_K
        exactElements = weight == DType.Q4_K ? 128 : 32;
        int panels = (tokens + TOKENS - 1) / TOKENS;
        stride = activations.stride;
        blocks = stride / weight.blockSize();
        values = new float[panels * stride * TOKENS];
        scales = new float[panels * blocks * TOKENS];
        groupSums = new float[weight == DType.Q4_K ? panels * stride / 32 * TOKENS : 0];
    }

    /** Takes over the first {@code tokens} of the activations; panels are filled up with tokens of zeros. */
    void read(int tokens) {
        int filled = (tokens + TOKENS - 1) / TOKENS * TOKENS;
        for (int t = 0; t < filled; t++) {
            int panel = t / TOKENS;
            int lane = t % TOKENS;
            for (int k = 0, to = panel * stride * TOKENS + lane; k < stride; k++, to += TOKENS) {
                values[to] = t < tokens ? activations.values[t * stride + k] : 0;
            }
            for (int b = 0, to = panel * blocks * TOKENS + lane; b < blocks; b++, to += TOKENS) {
                scales[to] = t < tokens ? activations.scales[t * activations.blockStride + b] : 0;
            }
            int groups = groupSums.length == 0 ? 0 : stride / 32;
            for (int g = 0, to = panel * groups * TOKENS + lane; g < groups; g++, to += TOKENS) {
                groupSums[to] = t < tokens ? activations.sums[t * groups + g] : 0;
            }
        }
    }

    /** Fills {@link #result} with the products of the rows and the tokens of a panel. */
    void multiply(WeightRows weights, int panel) {
        Arrays.fill(p, 0);
        int size = stride / Math.max(1, blocks);
        for (int b = 0; b < blocks; b++) {
            int at = (panel * stride + b * size) * TOKENS;
            if (wideBlocks) {
                wide(weights.rows, b * size, at);
            } else {
                products(weights.rows, stride, b * size, size, values, at, exact);
            }
            scale(weights, panel, b);
            if (weights.hasMinima()) {
                subtractMinima(weights, panel, b);
            }
        }
        fold();
    }

    private void wide(float[] rows, int k, int at) {
        Arrays.fill(totals, 0);
        for (int part = 0; part < 256; part += exactElements) {
            products(rows, stride, k + part, exactElements, values, at + part * TOKENS, sums);
            for (int i = 0; i < SUMS; i += LANES) {
                IntVector whole = (IntVector) FloatVector.fromArray(F, sums, i).convert(VectorOperators.F2I, 0);
                whole.add(IntVector.fromArray(I, totals, i)).intoArray(totals, i);
            }
        }
        for (int i = 0; i < SUMS; i += LANES) {
            ((FloatVector) IntVector.fromArray(I, totals, i).convert(VectorOperators.I2F, 0)).intoArray(exact, i);
        }
    }

    /** Sums over {@code count} elements from {@code k} on, [row][token]. */
    private static void products(float[] rows, int stride, int k, int count, float[] x, int at, float[] out) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = FloatVector.zero(F);
        FloatVector c = FloatVector.zero(F);
        FloatVector d = FloatVector.zero(F);
        FloatVector e = FloatVector.zero(F);
        FloatVector f = FloatVector.zero(F);
        FloatVector g = FloatVector.zero(F);
        FloatVector h = FloatVector.zero(F);
        for (int i = 0; i < count; i++) {
            FloatVector low = FloatVector.fromArray(F, x, at + i * TOKENS);
            FloatVector high = FloatVector.fromArray(F, x, at + i * TOKENS + LANES);
            FloatVector w = FloatVector.broadcast(F, rows[k + i]);
            a = w.fma(low, a);
            b = w.fma(high, b);
            w = FloatVector.broadcast(F, rows[stride + k + i]);
            c = w.fma(low, c);
            d = w.fma(high, d);
            w = FloatVector.broadcast(F, rows[2 * stride + k + i]);
            e = w.fma(low, e);
            f = w.fma(high, f);
            w = FloatVector.broadcast(F, rows[3 * stride + k + i]);
            g = w.fma(low, g);
            h = w.fma(high, h);
        }
        a.intoArray(out, 0);
        b.intoArray(out, LANES);
        c.intoArray(out, 2 * LANES);
        d.intoArray(out, 3 * LANES);
        e.intoArray(out, 4 * LANES);
        f.intoArray(out, 5 * LANES);
        g.intoArray(out, 6 * LANES);
        h.intoArray(out, 7 * LANES);
    }

    private void scale(WeightRows weights, int panel, int b) {
        int scale = (panel * blocks + b) * TOKENS;
        int to = b % 8 * SUMS;
        for (int r = 0; r < ROWS; r++) {
            float d = weights.d[r * weights.blockStride + b];
            for (int lane = 0; lane < TOKENS; lane += LANES) {
                int i = r * TOKENS + lane;
                FloatVector.fromArray(F, scales, scale + lane)
                        .mul(d)
                        .fma(FloatVector.fromArray(F, exact, i), FloatVector.fromArray(F, p, to + i))
                        .intoArray(p, to + i);
            }
        }
    }

    private void subtractMinima(WeightRows weights, int panel, int b) {
        int groups = stride / 32;
        int scale = (panel * blocks + b) * TOKENS;
        int to = b % 8 * SUMS;
        for (int r = 0; r < ROWS; r++) {
            float dmin = weights.dmin[r * weights.blockStride + b];
            for (int lane = 0; lane < TOKENS; lane += LANES) {
                FloatVector minimum = FloatVector.zero(F); // exact: 8 * 63 * 32 * 128 is below 2^24
                for (int g = 8 * b; g < 8 * b + 8; g++) {
                    minimum = FloatVector.fromArray(F, groupSums, (panel * groups + g) * TOKENS + lane)
                            .fma(FloatVector.broadcast(F, weights.minima[r * groups + g]), minimum);
                }
                int i = to + r * TOKENS + lane;
                FloatVector.fromArray(F, scales, scale + lane)
                        .mul(dmin)
                        .neg()
                        .fma(minimum, FloatVector.fromArray(F, p, i))
                        .intoArray(p, i);
            }
        }
    }

    private void fold() {
        for (int i = 0; i < SUMS; i += LANES) {
            FloatVector even = pair(i, 0, 4).add(pair(i, 2, 6));
            FloatVector odd = pair(i, 1, 5).add(pair(i, 3, 7));
            even.add(odd).intoArray(result, i);
        }
    }

    private FloatVector pair(int i, int first, int second) {
        return FloatVector.fromArray(F, p, first * SUMS + i).add(FloatVector.fromArray(F, p, second * SUMS + i));
    }
}
