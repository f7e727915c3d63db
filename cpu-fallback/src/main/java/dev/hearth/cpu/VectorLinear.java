package dev.hearth.cpu;

import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** {@link dev.hearth.spi.Ops#linear} for a range of weight rows; one call, one thread. */
final class VectorLinear {
    /* Tokens are worked on in chunks that stay in the second-level cache, so a row is taken apart once a chunk. */
    private static final int CHUNK_ELEMENTS = 1 << 17;
    private static final int MIN_CHUNK = 32;
    private static final int MAX_CHUNK = 64;

    /** Fewest tokens for a panel: half of its lanes are busy then. */
    private static final int PANEL_TOKENS = VectorMath.LANES;

    private final Tensor out;
    private final Tensor x;
    private final @Nullable HostWeight bias;
    private final WeightRows weights;
    private final Activations activations;
    private final @Nullable TokenPanel panel;
    private final int chunk;
    private final float[] sums = new float[2 * DotTiles.ROWS * 16];
    private final float[] exact;
    private final float[] minimum;
    private final float[] p = new float[8];

    VectorLinear(Tensor out, Tensor x, HostWeight weight, @Nullable HostWeight bias) {
        this.out = out;
        this.x = x;
        this.bias = bias;
        boolean codes = x.type().isQuantised();
        weights = codes ? WeightRows.codes(weight) : WeightRows.values(weight);
        int fitting = CHUNK_ELEMENTS / Math.max(1, weights.stride);
        chunk = (int) Math.min(x.rows(), Math.clamp(fitting, MIN_CHUNK, MAX_CHUNK));
        activations = new Activations(x, chunk);
        panel = codes && chunk >= PANEL_TOKENS ? new TokenPanel(activations, weight.type(), chunk) : null;
        exact = new float[weights.d.length];
        minimum = new float[weights.blockStride];
    }

    /** Rows [from, to) of the weight for every token. */
    void run(long from, long to) {
        for (long first = 0; first < x.rows(); first += chunk) {
            int tokens = (int) Math.min(chunk, x.rows() - first);
            activations.read(first, tokens);
            TokenPanel lanes = tokens >= PANEL_TOKENS ? panel : null;
            if (lanes != null) {
                lanes.read(tokens);
            }
            for (long row = from; row < to; row += DotTiles.ROWS) {
                int rows = (int) Math.min(DotTiles.ROWS, to - row);
                weights.read(row, rows);
                if (x.type() == DType.F32) {
                    plain(first, tokens, row, rows);
                } else if (lanes != null) {
                    panels(lanes, first, tokens, row, rows);
                } else {
                    integer(first, tokens, row, rows);
                }
            }
        }
    }

    private void plain(long first, int tokens, long row, int rows) {
        int width = weights.stride;
        int t = 0;
        for (; t + 2 <= tokens; t += 2) {
            DotTiles.two(weights.rows, 0, width, activations.values, t * width, sums);
            for (int r = 0; r < rows; r++) {
                store(first + t, row + r, VectorMath.fold16(sums, 16 * r));
                store(first + t + 1, row + r, VectorMath.fold16(sums, 64 + 16 * r));
            }
        }
        if (t < tokens) {
            DotTiles.one(weights.rows, 0, width, activations.values, t * width, sums);
            for (int r = 0; r < rows; r++) {
                store(first + t, row + r, VectorMath.fold16(sums, 16 * r));
            }
        }
    }

    private void integer(long first, int tokens, long row, int rows) {
        int blocks = weights.blockStride;
        int width = weights.stride;
        for (int t = 0; t < tokens; t++) {
            if (x.type() == DType.A8_32) {
                DotTiles.blocksOf32(weights.rows, width, activations.values, t * width, exact, blocks);
            } else {
                DotTiles.blocksOf256(weights.rows, width, activations.values, t * width, exact, blocks);
            }
            for (int r = 0; r < rows; r++) {
                store(first + t, row + r, weights.hasMinima() ? withMinima(t, r) : withoutMinima(t, r));
            }
        }
    }

    private void panels(TokenPanel panel, long first, int tokens, long row, int rows) {
        for (int start = 0; start < tokens; start += TokenPanel.TOKENS) {
            panel.multiply(weights, start / TokenPanel.TOKENS);
            int count = Math.min(TokenPanel.TOKENS, tokens - start);
            for (int t = 0; t < count; t++) {
                for (int r = 0; r < rows; r++) {
                    store(first + start + t, row + r, panel.result[r * TokenPanel.TOKENS + t]);
                }
            }
        }
    }

    private float withoutMinima(int t, int r) {
        int blocks = weights.blockStride;
        return DotTiles.sum8(weights.d, r * blocks, activations.scales, t * blocks, exact, r * blocks, blocks, p);
    }

    private float withMinima(int t, int r) {
        int blocks = weights.blockStride;
        int groups = weights.minima.length / DotTiles.ROWS;
        for (int b = 0; 8 * b < groups; b++) {
            int sum = 0;
            for (int j = 8 * b; j < 8 * b + 8; j++) {
                sum += weights.minima[r * groups + j] * activations.sums[t * groups + j];
            }
            minimum[b] = sum;
        }
        return DotTiles.sum8(
                weights.d,
                r * blocks,
                activations.scales,
                t * blocks,
                exact,
                r * blocks,
                weights.dmin,
                minimum,
                blocks,
                p);
    }

    private void store(long t, long row, float dot) {
        out.setFloat(t, row, bias == null ? dot : dot + bias.data().get(Tensor.FLOAT, 4 * row));
    }
}
