package dev.hearth.conformance;

import dev.hearth.spi.RowFunction;
import dev.hearth.tensor.Tensor;

/** A function of whole rows, in place where their width is odd. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record RowFunctionCase(RowFunction function, float[][] x) implements RowCase {
    @Override
    public Operation operation() {
        return Operation.MAP;
    }

    @Override
    public String name() {
        return function + " on [" + x.length + ", " + x[0].length + "]";
    }

    @Override
    public int rows() {
        return x.length;
    }

    @Override
    public float[][] run(Bench bench, int from, int to) {
        if (x[0].length % 2 == 0) {
            Tensor out = bench.output(to - from, x[0].length);
            bench.ops().map(out, bench.input(Slices.of(x, from, to), x[0].length), function);
            return bench.floats(out);
        }
        Tensor inOut = bench.inOut(Slices.of(x, from, to), x[0].length);
        bench.ops().map(inOut, inOut, function);
        return bench.floats(inOut);
    }

    @Override
    public Expected expected(int row) {
        float[] values = x[row];
        for (float value : values) {
            if (!(Math.abs(value) < 1e18)) { // squares overflow, infinities and NaN mix
                return Expected.nothing(values.length);
            }
        }
        return switch (function) {
            case RowFunction.Clamp clamp -> clamped(values, clamp.limit());
            case RowFunction.Sparse sparse -> sparse(values, sparse.deviations());
            case RowFunction.Int8 int8 -> int8(values, int8.least());
            case RowFunction.Xielu xielu -> xielu(values, xielu);
        };
    }

    private static Expected clamped(float[] values, float limit) {
        Expected e = Expected.of(values.length);
        for (int i = 0; i < values.length; i++) {
            e.set(i, Math.min(Math.max(values[i], -limit), limit), 0);
        }
        return e;
    }

    private static Expected sparse(float[] values, float deviations) {
        int n = values.length;
        double sum = 0;
        double magnitude = 0;
        for (float value : values) {
            sum += value;
            magnitude += Math.abs(value);
        }
        double mean = sum / n;
        double meanError = (Expected.sumError(n, 1, magnitude) + magnitude * Expected.U) / n;
        double squares = 0;
        for (float value : values) {
            squares += (value - mean) * (value - mean);
        }
        double deviation = Math.sqrt(squares / n);
        double relative = (n / 8.0 + 16) * Expected.U;
        double error = meanError * (1 + Math.abs(deviations))
                + Math.abs(deviations) * (deviation * relative + 1e-22)
                + 4 * Expected.U * (Math.abs(mean) + Math.abs(deviations) * deviation);
        Expected e = Expected.of(n);
        for (int i = 0; i < n; i++) {
            double rest = values[i] - mean - deviations * deviation;
            e.set(i, Math.max(rest, 0), error + Math.abs(rest) * Expected.U + Expected.TINY);
        }
        return e;
    }

    private static Expected int8(float[] values, float least) {
        double amax = least;
        for (float value : values) {
            amax = Math.max(amax, Math.abs(value));
        }
        double scale = 127 / amax;
        Expected e = Expected.of(values.length);
        for (int i = 0; i < values.length; i++) {
            double scaled = values[i] * scale;
            boolean tie = Math.abs(Math.abs(scaled - Math.rint(scaled)) - 0.5) < 1e-4; // either neighbour
            double value = Math.rint(scaled) / scale;
            e.set(i, value, tie ? 1.001 / scale : Math.abs(value) * 4 * Expected.U + Expected.TINY);
        }
        return e;
    }

    private static Expected xielu(float[] values, RowFunction.Xielu f) {
        Expected e = Expected.of(values.length);
        for (int i = 0; i < values.length; i++) {
            double x = values[i];
            double straight = f.linear() * x;
            if (Float.floatToRawIntBits(values[i]) >= 0) {
                double bent = f.positive() * x * x;
                e.set(i, bent + straight, 4 * Expected.U * (Math.abs(bent) + Math.abs(straight)) + 4 * Expected.TINY);
                continue;
            }
            double y = Math.min(x, f.most());
            double bent = Math.expm1(y) - x;
            double curved = Math.abs(Math.expm1(y) - y);
            double error = 16 * Expected.U * curved
                    + (y < -0.5 ? 8 * Expected.U * (1 - y) : 0)
                    + Expected.U * (y < x ? x - y : y - x);
            double value = f.negative() * bent + straight;
            e.set(
                    i,
                    value,
                    Math.abs(f.negative()) * error
                            + 4 * Expected.U * (Math.abs(straight) + Math.abs(value))
                            + Math.abs(f.negative()) * Math.abs(y) * 1e-15
                            + 4 * Expected.TINY);
        }
        return e;
    }
}
