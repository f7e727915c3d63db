package dev.hearth.conformance;

import dev.hearth.spi.Activation;
import dev.hearth.tensor.Tensor;

/** Operations in place on each number of a row on its own. */
final class ElementCase {
    private ElementCase() {}

    /** A product, which has one rounding. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Scale(float[][] x, float factor) implements RowCase {
        @Override
        public Operation operation() {
            return Operation.SCALE;
        }

        @Override
        public String name() {
            return "by " + factor + " [" + x.length + ", " + x[0].length + "]";
        }

        @Override
        public int rows() {
            return x.length;
        }

        @Override
        public float[][] run(Bench bench, int from, int to) {
            Tensor inOut = bench.inOut(Slices.of(x, from, to), x[0].length);
            bench.ops().scale(inOut, factor);
            return bench.floats(inOut);
        }

        @Override
        public Expected expected(int row) {
            Expected e = Expected.of(x[row].length);
            for (int i = 0; i < x[row].length; i++) {
                double value = (double) x[row][i] * factor;
                e.set(i, value, Math.abs(value) * Expected.U + Expected.TINY);
            }
            return e;
        }
    }

    /** A product with a number of each column. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record ScaleColumns(float[][] x, float[] factors) implements RowCase {
        @Override
        public Operation operation() {
            return Operation.SCALE;
        }

        @Override
        public String name() {
            return "columns of [" + x.length + ", " + x[0].length + "]";
        }

        @Override
        public int rows() {
            return x.length;
        }

        @Override
        public float[][] run(Bench bench, int from, int to) {
            Tensor inOut = bench.inOut(Slices.of(x, from, to), x[0].length);
            bench.ops().scale(inOut, bench.vector(factors));
            return bench.floats(inOut);
        }

        @Override
        public Expected expected(int row) {
            Expected e = Expected.of(x[row].length);
            for (int i = 0; i < x[row].length; i++) {
                double value = (double) x[row][i] * factors[i];
                e.set(i, value, Math.abs(value) * Expected.U + Expected.TINY);
            }
            return e;
        }
    }

    /** A function of each number. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Activate(Activation activation, float[][] x) implements RowCase {
        @Override
        public Operation operation() {
            return Operation.ACTIVATE;
        }

        @Override
        public String name() {
            return activation + " [" + x.length + ", " + x[0].length + "]";
        }

        @Override
        public int rows() {
            return x.length;
        }

        @Override
        public float[][] run(Bench bench, int from, int to) {
            Tensor inOut = bench.inOut(Slices.of(x, from, to), x[0].length);
            bench.ops().activate(inOut, activation);
            return bench.floats(inOut);
        }

        @Override
        public Expected expected(int row) {
            Expected e = Expected.of(x[row].length);
            for (int i = 0; i < x[row].length; i++) {
                double v = x[row][i];
                double value = Functions.value(activation, v);
                boolean unclaimed = Double.isInfinite(v) || Math.abs(value) > Expected.HUGE;
                double bound = Functions.error(activation, v) + 2 * Expected.TINY;
                e.set(i, value, unclaimed ? Double.POSITIVE_INFINITY : bound);
            }
            return e;
        }
    }
}
