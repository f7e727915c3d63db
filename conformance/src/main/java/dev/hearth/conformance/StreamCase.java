package dev.hearth.conformance;

import dev.hearth.tensor.Tensor;

/** Streams mixed and made as large as another. */
final class StreamCase {
    private StreamCase() {}

    /** Mixtures: out streams of x [rows, in * size] by weights [rows, out * in]. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Mix(float[][] x, float[][] weights, int in) implements RowCase {
        static Mix random(int rows, int in, int out, int size, Draw draw) {
            return new Mix(draw.rows(rows, in * size, 1), draw.rows(rows, out * in, 1), in);
        }

        @Override
        public Operation operation() {
            return Operation.MIX;
        }

        @Override
        public String name() {
            return in + " streams to " + out() + ", [" + x.length + ", " + x[0].length + "]";
        }

        private int out() {
            return weights[0].length / in;
        }

        private int size() {
            return x[0].length / in;
        }

        @Override
        public int rows() {
            return x.length;
        }

        @Override
        public float[][] run(Bench bench, int from, int to) {
            Tensor out = bench.output(to - from, out() * size());
            bench.ops()
                    .mix(
                            out,
                            bench.input(Slices.of(x, from, to), x[0].length),
                            bench.input(Slices.of(weights, from, to), weights[0].length),
                            in);
            return bench.floats(out);
        }

        @Override
        public Expected expected(int row) {
            Expected e = Expected.of(out() * size());
            for (int at = 0; at < out() * size(); at++) {
                double sum = 0;
                double magnitude = 0;
                for (int i = 0; i < in; i++) {
                    double term = (double) weights[row][at / size() * in + i] * x[row][i * size() + at % size()];
                    sum += term;
                    magnitude += Math.abs(term);
                }
                boolean claimed = magnitude < 1e37;
                double bound = in * Expected.U * magnitude + in * Expected.TINY;
                e.set(at, claimed ? sum : 0, claimed ? bound : Double.POSITIVE_INFINITY);
            }
            return e;
        }
    }

    /** Rows made as large as others. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Resize(float[][] x, float[][] like, float least) implements RowCase {
        @Override
        public Operation operation() {
            return Operation.RESIZE;
        }

        @Override
        public String name() {
            return "[" + x.length + ", " + x[0].length + "], at least " + least;
        }

        @Override
        public int rows() {
            return x.length;
        }

        @Override
        public float[][] run(Bench bench, int from, int to) {
            Tensor inOut = bench.inOut(Slices.of(x, from, to), x[0].length);
            bench.ops().resize(inOut, bench.input(Slices.of(like, from, to), x[0].length), least);
            return bench.floats(inOut);
        }

        @Override
        public Expected expected(int row) {
            int n = x[row].length;
            double target = meanSquare(like[row]);
            double own = meanSquare(x[row]);
            if (!(target < 1e37 && own < 1e37) || target < 1e-30) {
                return Expected.nothing(n);
            }
            double ratio = Math.sqrt(target / Math.max(own, least));
            Expected e = Expected.of(n);
            for (int i = 0; i < n; i++) {
                double value = x[row][i] * ratio;
                double between = Math.abs(x[row][i]) * Math.sqrt(target); // rounded first, and may vanish
                double bound =
                        Math.abs(value) * (n / 8.0 + 16) * Expected.U + Expected.TINY * (2 + ratio / Math.sqrt(target));
                e.set(i, value, between < 1e37 ? bound : Double.POSITIVE_INFINITY);
            }
            return e;
        }

        private static double meanSquare(float[] row) {
            double sum = 0;
            for (float value : row) {
                sum += (double) value * value;
            }
            return sum / row.length;
        }
    }
}
