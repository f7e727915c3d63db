package dev.hearth.conformance;

import dev.hearth.spi.Batch;
import dev.hearth.spi.RecurrentView;
import dev.hearth.spi.ScanSpec;
import dev.hearth.spi.ScanWeights;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Mamba's recurrence, apart or in place; Dao and Gu 2024, arXiv:2405.21060, equation 1, with steps as in section 7. */
final class ScanCase implements Recurrence {
    /** Heads, their channels, what each keeps, and the groups they are in. */
    record Sizes(int heads, int headDim, int stateSize, int groups) {}

    /**
     * What is the same for every row.
     *
     * @param decay [heads, 1 or state size]
     * @param skip [heads]
     * @param stepBias [heads]; null for none
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Learnt(float[][] decay, float[] skip, float @Nullable [] stepBias, float minStep, float maxStep) {}

    /** Rows of each input, as {@link dev.hearth.spi.Ops#scan} calls them. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Inputs(float[][] x, float[][] steps, float[][] b, float[][] c) {
        static Inputs random(int rows, Sizes s, Draw draw) {
            return new Inputs(
                    draw.rows(rows, s.heads * s.headDim, 1),
                    draw.rows(rows, s.heads, 3),
                    draw.rows(rows, s.groups * s.stateSize, 1),
                    draw.rows(rows, s.groups * s.stateSize, 1));
        }
    }

    private final Form form;
    private final Sizes sizes;
    private final Learnt learnt;
    private final Inputs inputs;

    ScanCase(Form form, Sizes sizes, Learnt learnt, Inputs inputs) {
        this.form = form;
        this.sizes = sizes;
        this.learnt = learnt;
        this.inputs = inputs;
    }

    static ScanCase random(int rows, Sizes sizes, Draw draw) {
        return new ScanCase(draw.oneOf(Form.values()), sizes, learnt(sizes, draw), Inputs.random(rows, sizes, draw));
    }

    static Learnt learnt(Sizes sizes, Draw draw) {
        float[][] decay = draw.rows(sizes.heads, draw.below(2) == 0 ? 1 : sizes.stateSize, 1);
        for (float[] row : decay) {
            for (int i = 0; i < row.length; i++) {
                row[i] = (float) -Math.exp(row[i]);
            }
        }
        boolean bounded = draw.below(2) == 0;
        return new Learnt(
                decay,
                draw.normals(sizes.heads, 1),
                draw.below(2) == 0 ? null : draw.normals(sizes.heads, 1),
                bounded ? draw.between(0.1, 0.5) : 0,
                bounded ? draw.between(0.6, 2) : Float.POSITIVE_INFINITY);
    }

    @Override
    public Operation operation() {
        return Operation.SCAN;
    }

    @Override
    public String name() {
        return form + " " + sizes + (learnt.decay[0].length == 1 ? ", a decay for a head" : ", a decay for a number")
                + (learnt.stepBias == null ? "" : ", bias") + ", steps from " + learnt.minStep + " to "
                + learnt.maxStep;
    }

    @Override
    public int rows() {
        return inputs.x.length;
    }

    @Override
    public int stateSize() {
        return sizes.heads * sizes.headDim * sizes.stateSize;
    }

    @Override
    public Tensor run(Bench bench, int from, int to, RecurrentView state, int stateOffset, Batch batch) {
        int width = sizes.heads * sizes.headDim;
        int numbers = sizes.groups * sizes.stateSize;
        float[][] rows = Slices.of(inputs.x, from, to);
        boolean apart = form == Form.APART;
        Tensor x = apart ? bench.input(rows, width) : bench.inOut(rows, width);
        Tensor out = apart ? bench.output(to - from, width) : x;
        bench.ops()
                .scan(
                        out,
                        x,
                        bench.input(Slices.of(inputs.steps, from, to), sizes.heads),
                        bench.input(Slices.of(inputs.b, from, to), numbers),
                        bench.input(Slices.of(inputs.c, from, to), numbers),
                        new ScanWeights(
                                bench.weight(Matrix.floats(learnt.decay)),
                                bench.vector(learnt.skip),
                                learnt.stepBias == null ? null : bench.vector(learnt.stepBias)),
                        state,
                        new ScanSpec(
                                sizes.heads,
                                sizes.headDim,
                                sizes.stateSize,
                                sizes.groups,
                                learnt.minStep,
                                learnt.maxStep,
                                stateOffset),
                        batch);
        return out;
    }

    @Override
    public Bounded[] step(int row, Bounded[] state) {
        Bounded[] out = new Bounded[sizes.heads * sizes.headDim];
        for (int head = 0; head < sizes.heads; head++) {
            Bounded logit = Bounded.exact(inputs.steps[row][head]);
            logit = learnt.stepBias == null ? logit : logit.plus(Bounded.exact(learnt.stepBias[head]));
            head(out, row, head, logit.softplus().clamp(learnt.minStep, learnt.maxStep), state);
        }
        return out;
    }

    private void head(Bounded[] out, int row, int head, Bounded step, Bounded[] state) {
        int n = sizes.stateSize;
        int group = head * sizes.groups / sizes.heads;
        Bounded[] c = Bounded.exact(inputs.c[row], group * n, n);
        for (int p = 0; p < sizes.headDim; p++) {
            int channel = head * sizes.headDim + p;
            Bounded x = Bounded.exact(inputs.x[row][channel]);
            Bounded[] next = new Bounded[n];
            for (int i = 0; i < n; i++) {
                float[] rates = learnt.decay[head];
                Bounded keep =
                        step.times(Bounded.exact(rates[i % rates.length])).exp();
                Bounded b = Bounded.exact(inputs.b[row][group * n + i]);
                next[i] = state[channel * n + i].times(keep).plus(step.times(b).times(x));
            }
            System.arraycopy(next, 0, state, channel * n, n);
            out[channel] = Bounded.dot(next, c).plus(x.times(Bounded.exact(learnt.skip[head])));
        }
    }
}
