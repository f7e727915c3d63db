package dev.hearth.conformance;

import dev.hearth.tensor.Tensor;

/** Operations that need few words: add, multiply, softcap, gather. */
final class PlainCase {
    private PlainCase() {}

    /** A sum, which has one rounding. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Add(float[][] a, float[][] b) implements RowCase {
        @Override
        public Operation operation() {
            return Operation.ADD;
        }

        @Override
        public String name() {
            return "[" + a.length + ", " + a[0].length + "]";
        }

        @Override
        public int rows() {
            return a.length;
        }

        @Override
        public float[][] run(Bench bench, int from, int to) {
            Tensor inOut = bench.inOut(Slices.of(a, from, to), a[0].length);
            bench.ops().add(inOut, bench.input(Slices.of(b, from, to), a[0].length));
            return bench.floats(inOut);
        }

        @Override
        public Expected expected(int row) {
            Expected e = Expected.of(a[row].length);
            for (int i = 0; i < a[row].length; i++) {
                double sum = (double) a[row][i] + b[row][i];
                e.set(i, sum, Math.abs(sum) * Expected.U);
            }
            return e;
        }
    }

    /** A product, which has one rounding. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Multiply(float[][] a, float[][] b) implements RowCase {
        @Override
        public Operation operation() {
            return Operation.MULTIPLY;
        }

        @Override
        public String name() {
            return "[" + a.length + ", " + a[0].length + "]";
        }

        @Override
        public int rows() {
            return a.length;
        }

        @Override
        public float[][] run(Bench bench, int from, int to) {
            Tensor inOut = bench.inOut(Slices.of(a, from, to), a[0].length);
            bench.ops().multiply(inOut, bench.input(Slices.of(b, from, to), a[0].length));
            return bench.floats(inOut);
        }

        @Override
        public Expected expected(int row) {
            Expected e = Expected.of(a[row].length);
            for (int i = 0; i < a[row].length; i++) {
                double product = (double) a[row][i] * b[row][i];
                e.set(i, product, Math.abs(product) * Expected.U + Expected.TINY);
            }
            return e;
        }
    }

    /** cap * tanh(x / cap). */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Softcap(float[][] x, float cap) implements RowCase {
        @Override
        public Operation operation() {
            return Operation.SOFTCAP;
        }

        @Override
        public String name() {
            return "of " + cap + " on [" + x.length + ", " + x[0].length + "]";
        }

        @Override
        public int rows() {
            return x.length;
        }

        @Override
        public float[][] run(Bench bench, int from, int to) {
            Tensor inOut = bench.inOut(Slices.of(x, from, to), x[0].length);
            bench.ops().softcap(inOut, cap);
            return bench.floats(inOut);
        }

        @Override
        public Expected expected(int row) {
            Expected e = Expected.of(x[row].length);
            for (int i = 0; i < x[row].length; i++) {
                e.set(i, value(x[row][i], cap), error(x[row][i], cap));
            }
            return e;
        }

        static double value(double x, double cap) {
            return cap * Math.tanh(x / cap);
        }

        /** 1 - 2 / (e^2y + 1) cancels for small y, so the error is absolute: some roundings of numbers about 1. */
        static double error(double x, double cap) {
            double y = Math.min(Math.abs(x / cap), 60);
            double slope = 1 / Math.pow(Math.cosh(y), 2); // what an error of the argument does
            return cap * Expected.U * (4 + (8 + 4 * y) * slope);
        }
    }

    /** Rows by index. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Gather(float[][] x, int[] indices) implements RowCase {
        @Override
        public Operation operation() {
            return Operation.GATHER;
        }

        @Override
        public String name() {
            return indices.length + " rows of [" + x.length + ", " + x[0].length + "]";
        }

        @Override
        public int rows() {
            return indices.length;
        }

        @Override
        public float[][] run(Bench bench, int from, int to) {
            Tensor out = bench.output(to - from, x[0].length);
            bench.ops().gather(out, bench.input(x, x[0].length), bench.column(Slices.of(indices, from, to)));
            return bench.floats(out);
        }

        @Override
        public Expected expected(int row) {
            float[] values = x[indices[row]];
            Expected e = Expected.of(values.length);
            for (int i = 0; i < values.length; i++) {
                e.set(i, values[i], 0);
            }
            return e;
        }
    }
}
