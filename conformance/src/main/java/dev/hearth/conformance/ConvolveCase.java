package dev.hearth.conformance;

import dev.hearth.spi.Batch;
import dev.hearth.spi.ConvolutionSpec;
import dev.hearth.spi.RecurrentView;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A causal convolution of each channel, apart or in place.
 *
 * @param x [rows, channels]
 * @param filter [channels, kernel size]
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ConvolveCase(Form form, float[][] x, float[][] filter, float @Nullable [] bias, boolean silu)
        implements Recurrence {
    static ConvolveCase random(int rows, int channels, int kernelSize, Draw draw) {
        return new ConvolveCase(
                draw.oneOf(Form.values()),
                draw.rows(rows, channels, 2),
                draw.rows(channels, kernelSize, 1),
                draw.below(2) == 0 ? null : draw.normals(channels, 1),
                draw.below(2) == 0);
    }

    private int channels() {
        return filter.length;
    }

    private int kernelSize() {
        return filter[0].length;
    }

    @Override
    public Operation operation() {
        return Operation.CONVOLVE;
    }

    @Override
    public String name() {
        return form + " " + channels() + " channels by " + kernelSize() + (bias == null ? "" : ", bias")
                + (silu ? ", SiLU" : "");
    }

    @Override
    public int rows() {
        return x.length;
    }

    @Override
    public int stateSize() {
        return channels() * (kernelSize() - 1);
    }

    @Override
    public Tensor run(Bench bench, int from, int to, RecurrentView state, int stateOffset, Batch batch) {
        float[][] rows = Slices.of(x, from, to);
        boolean apart = form == Form.APART;
        Tensor in = apart ? bench.input(rows, channels()) : bench.inOut(rows, channels());
        Tensor out = apart ? bench.output(to - from, channels()) : in;
        Weight added = bias == null ? null : bench.vector(bias);
        var spec = new ConvolutionSpec(kernelSize(), silu, stateOffset);
        bench.ops().convolve(out, in, state, bench.weight(Matrix.floats(filter)), added, spec, batch);
        return out;
    }

    @Override
    public Bounded[] step(int row, Bounded[] state) {
        int tail = kernelSize() - 1;
        Bounded[] out = new Bounded[channels()];
        for (int c = 0; c < out.length; c++) {
            Bounded[] seen = new Bounded[kernelSize()]; // oldest first
            System.arraycopy(state, c * tail, seen, 0, tail);
            seen[tail] = Bounded.exact(x[row][c]);
            System.arraycopy(seen, 1, state, c * tail, tail);
            Bounded sum = Bounded.dot(Bounded.exact(filter[c], 0, kernelSize()), seen);
            sum = bias == null ? sum : sum.plus(Bounded.exact(bias[c]));
            out[c] = silu ? sum.silu() : sum;
        }
        return out;
    }
}
