package dev.hearth.conformance;

import dev.hearth.spi.Epilogue;
import dev.hearth.spi.Precision;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.List;

/** Products of int8 activations with block-quantised weights. */
final class RoundedLinearCase implements RowCase {
    private final String name;
    private final Rounded[] x;
    private final Matrix weight;

    RoundedLinearCase(String name, Rounded[] x, Matrix weight) {
        this.name = name;
        this.x = x;
        this.weight = weight;
    }

    static RoundedLinearCase random(DType type, int tokens, int columns, int rows, Draw draw) {
        Rounded[] x = new Rounded[tokens];
        for (int t = 0; t < tokens; t++) {
            DType rounded = Precision.FAST.activation(type);
            x[t] = t % 2 == 0
                    ? Rounded.random(rounded, columns, draw)
                    : Rounded.of(rounded, draw.normals(columns, Math.exp(3 * draw.normal())));
        }
        return new RoundedLinearCase("", x, Matrix.random(type, rows, columns, draw));
    }

    /** Weights at the ends of their codes, activations at the ends of theirs. */
    static RoundedLinearCase corners(DType type, int columns) {
        DType rounded = Precision.FAST.activation(type);
        float[] scales = {1, -0x1p-60f, 0, Float.MIN_VALUE, 1e30f, Float.MAX_VALUE, Float.NaN};
        int[] codes = {127, -127, 0};
        Rounded[] x = new Rounded[scales.length * codes.length];
        for (int t = 0; t < x.length; t++) {
            x[t] = new Rounded(rounded, new int[columns], new float[columns / rounded.blockSize()]);
            java.util.Arrays.fill(x[t].codes(), codes[t % codes.length]);
            java.util.Arrays.fill(x[t].scales(), scales[t / codes.length]);
        }
        return new RoundedLinearCase("extremes, ", x, Matrix.corners(type, columns));
    }

    @Override
    public Operation operation() {
        return Operation.LINEAR;
    }

    @Override
    public String name() {
        return name + x[0].type() + " [" + x.length + ", " + weight.columns() + "] by " + weight.type() + " ["
                + weight.rows() + ", " + weight.columns() + "]";
    }

    @Override
    public List<DType> types() {
        return List.of(weight.type());
    }

    @Override
    public List<DType> activations() {
        return List.of(x[0].type());
    }

    @Override
    public int rows() {
        return x.length;
    }

    @Override
    public float[][] run(Bench bench, int from, int to) {
        byte[][] rows = new byte[to - from][];
        for (int t = from; t < to; t++) {
            rows[t - from] = x[t].bytes();
        }
        Tensor out = bench.output(to - from, weight.rows());
        Tensor in = bench.input(x[0].type(), rows, weight.columns());
        bench.ops().linear(out, in, bench.weight(weight), Epilogue.NONE);
        return bench.floats(out);
    }

    @Override
    public Expected expected(int row) {
        Expected e = Expected.of(weight.rows());
        for (int i = 0; i < weight.rows(); i++) {
            double sum = 0;
            double magnitude = 0;
            for (int k = 0; k < weight.columns(); k++) {
                sum += x[row].value(k) * weight.values()[i][k];
                magnitude += Math.abs(x[row].value(k)) * weight.magnitudes()[i][k];
            }
            // Of a NaN, which must come out as such, both are false.
            boolean overflows = magnitude > Expected.HUGE || Math.abs(x[row].scales()[0]) > 1e30f;
            // A scale product may underflow before the integers multiply it, at most 2^28 of them.
            double underflow = weight.columns() * 0x1p28 * Expected.TINY;
            double bound = Expected.sumError(weight.columns(), 3, magnitude) + underflow;
            e.set(i, sum, overflows ? Double.POSITIVE_INFINITY : bound);
        }
        return e;
    }
}
