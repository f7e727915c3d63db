package dev.hearth.conformance;

import dev.hearth.spi.Batch;
import dev.hearth.spi.DeltaSpec;
import dev.hearth.spi.RecurrentView;
import dev.hearth.tensor.Tensor;

/** The gated delta rule; Yang and others 2024, arXiv:2412.06464, equation 10. */
final class DeltaCase implements Recurrence {
    /** Heads and their sizes. */
    record Sizes(int keyHeads, int valueHeads, int keyDim, int valueDim, DeltaSpec.Sharing sharing) {
        /** Value heads that share a key head are neighbours. */
        Sizes(int keyHeads, int valueHeads, int keyDim, int valueDim) {
            this(keyHeads, valueHeads, keyDim, valueDim, DeltaSpec.Sharing.NEIGHBOURS);
        }

        Sizes inTurns() {
            return new Sizes(keyHeads, valueHeads, keyDim, valueDim, DeltaSpec.Sharing.TURNS);
        }

        DeltaSpec spec(int stateOffset) {
            return new DeltaSpec(keyHeads, valueHeads, keyDim, valueDim, sharing, stateOffset);
        }
    }

    /** Rows of each input, as {@link dev.hearth.spi.Ops#delta} calls them. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Inputs(float[][] queries, float[][] keys, float[][] values, float[][] steps, float[][] beta) {
        static Inputs random(int rows, Sizes s, Draw draw) {
            return new Inputs(
                    draw.rows(rows, s.keyHeads * s.keyDim, 1),
                    draw.rows(rows, s.keyHeads * s.keyDim, 2),
                    draw.rows(rows, s.valueHeads * s.valueDim, 1),
                    draw.rows(rows, s.valueHeads, 2),
                    draw.rows(rows, s.valueHeads, 2));
        }
    }

    private static final double NORM_EPSILON = 1e-6f;

    private final Sizes sizes;
    private final Inputs inputs;
    private final float[] decay;
    private final float[] stepBias;

    DeltaCase(Sizes sizes, Inputs inputs, Draw draw) {
        this.sizes = sizes;
        this.inputs = inputs;
        decay = draw.normals(sizes.valueHeads, 1);
        for (int h = 0; h < decay.length; h++) {
            decay[h] = (float) -Math.exp(decay[h]);
        }
        stepBias = draw.normals(sizes.valueHeads, 1);
    }

    static DeltaCase random(int rows, Sizes sizes, Draw draw) {
        return new DeltaCase(sizes, Inputs.random(rows, sizes, draw), draw);
    }

    @Override
    public Operation operation() {
        return Operation.DELTA;
    }

    @Override
    public String name() {
        return sizes.toString();
    }

    @Override
    public int rows() {
        return inputs.values.length;
    }

    @Override
    public int stateSize() {
        return sizes.valueHeads * sizes.keyDim * sizes.valueDim;
    }

    @Override
    public Tensor run(Bench bench, int from, int to, RecurrentView state, int stateOffset, Batch batch) {
        int valueWidth = sizes.valueHeads * sizes.valueDim;
        int keyWidth = sizes.keyHeads * sizes.keyDim;
        Tensor out = bench.output(to - from, valueWidth);
        bench.ops()
                .delta(
                        out,
                        bench.input(Slices.of(inputs.queries, from, to), keyWidth),
                        bench.input(Slices.of(inputs.keys, from, to), keyWidth),
                        bench.input(Slices.of(inputs.values, from, to), valueWidth),
                        bench.input(Slices.of(inputs.steps, from, to), sizes.valueHeads),
                        bench.input(Slices.of(inputs.beta, from, to), sizes.valueHeads),
                        bench.vector(decay),
                        bench.vector(stepBias),
                        state,
                        sizes.spec(stateOffset),
                        batch);
        return out;
    }

    @Override
    public Bounded[] step(int row, Bounded[] state) {
        Bounded[] out = new Bounded[sizes.valueHeads * sizes.valueDim];
        for (int head = 0; head < sizes.valueHeads; head++) {
            int keyHead = sizes.sharing == DeltaSpec.Sharing.TURNS
                    ? head % sizes.keyHeads
                    : head * sizes.keyHeads / sizes.valueHeads;
            Bounded logit = Bounded.exact(inputs.steps[row][head]).plus(Bounded.exact(stepBias[head]));
            var rule = new Rule(
                    normalised(inputs.queries[row], keyHead, 1 / Math.sqrt(sizes.keyDim)),
                    normalised(inputs.keys[row], keyHead, 1),
                    Bounded.exact(decay[head]).times(logit.softplus()).exp(),
                    Bounded.exact(inputs.beta[row][head]).sigmoid());
            for (int j = 0; j < sizes.valueDim; j++) {
                int column = head * sizes.valueDim + j;
                Bounded[] s = new Bounded[sizes.keyDim];
                for (int i = 0; i < s.length; i++) {
                    s[i] = state[(head * sizes.keyDim + i) * sizes.valueDim + j];
                }
                out[column] = rule.column(s, Bounded.exact(inputs.values[row][column]));
                for (int i = 0; i < s.length; i++) {
                    state[(head * sizes.keyDim + i) * sizes.valueDim + j] = s[i];
                }
            }
        }
        return out;
    }

    private Bounded[] normalised(float[] x, int head, double scale) {
        Bounded[] v = Bounded.exact(x, head * sizes.keyDim, sizes.keyDim);
        Bounded r = Bounded.dot(v, v).plus(Bounded.exact(NORM_EPSILON)).inverseRoot();
        Bounded factor = new Bounded(scale, scale == 1 ? 0 : 2 * Expected.U * scale);
        java.util.Arrays.setAll(v, i -> v[i].times(r).times(factor));
        return v;
    }

    /** What a token does with each column of a head's state. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Rule(Bounded[] query, Bounded[] key, Bounded keep, Bounded share) {
        /**
         * The result; s becomes the next column. An error that the column already has is bounded as a vector: without what the
         * token adds, the rule is a product with keep * (1 - share * key key^T), which lengthens nothing as |key| is at most 1.
         */
        Bounded column(Bounded[] s, Bounded value) {
            double inherited = 0;
            Bounded[] kept = new Bounded[s.length];
            for (int i = 0; i < s.length; i++) {
                inherited += s[i].error() * s[i].error();
                boolean claimed = s[i].isClaimed();
                kept[i] = claimed ? Bounded.exact(s[i].value()).times(keep) : s[i];
            }
            double slack = 1 + 4 * length(key, true) + 4 * share.error() + 8 * Expected.U;
            double error = Math.sqrt(inherited) * (keep.value() + keep.error()) * slack;
            Bounded change = value.minus(Bounded.dot(key, kept)).times(share);
            double made = 0;
            for (int i = 0; i < s.length; i++) {
                s[i] = kept[i].plus(key[i].times(change));
                made += s[i].error() * s[i].error();
            }
            error += Math.sqrt(made);
            Bounded result = Bounded.dot(query, s);
            for (int i = 0; i < s.length; i++) {
                s[i] = new Bounded(s[i].value(), s[i].isClaimed() ? error : s[i].error());
            }
            return new Bounded(result.value(), result.error() + error * (length(query, false) + length(query, true)));
        }

        private static double length(Bounded[] v, boolean errors) {
            double squares = 0;
            for (Bounded b : v) {
                squares += errors ? b.error() * b.error() : b.value() * b.value();
            }
            return Math.sqrt(squares);
        }
    }
}
