package dev.hearth.conformance;

import dev.hearth.spi.Epilogue;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.List;

/** Activations rounded to BF16, and their products with BF16 weights. */
final class BfloatCase {
    private BfloatCase() {}

    /** The nearest BF16 number, by comparing distances; the even one of two, and what lies from half a step above the greatest on infinite. */
    static float nearest(float x) {
        if (Float.isNaN(x) || Float.isInfinite(x)) {
            return x;
        }
        int below = Float.floatToRawIntBits(x) & 0xffff0000;
        int above = below + 0x10000; // away from zero
        double step = distance(below, above);
        double past = Math.abs((double) x) - Math.abs((double) Float.intBitsToFloat(below));
        boolean even = (below & 0x10000) == 0;
        return Float.intBitsToFloat(past * 2 < step || past * 2 == step && even ? below : above);
    }

    /** Between two neighbours, also where the greater one counts as infinite. */
    private static double distance(int below, int above) {
        boolean greatest = Float.isInfinite(Float.intBitsToFloat(above));
        return greatest
                ? distance(below - 0x10000, below)
                : Math.abs((double) Float.intBitsToFloat(above) - Float.intBitsToFloat(below));
    }

    private static float[][] nearest(float[][] x) {
        float[][] rounded = new float[x.length][x[0].length];
        for (int r = 0; r < x.length; r++) {
            for (int i = 0; i < x[r].length; i++) {
                rounded[r][i] = nearest(x[r][i]);
            }
        }
        return rounded;
    }

    private static byte[] bytes(float[] row) {
        byte[] bytes = new byte[2 * row.length];
        for (int i = 0; i < row.length; i++) {
            int bits = Float.floatToRawIntBits(row[i]);
            bytes[2 * i] = (byte) (bits >>> 16);
            bytes[2 * i + 1] = (byte) (bits >>> 24);
        }
        return bytes;
    }

    private static float[] values(byte[] row) {
        float[] values = new float[row.length / 2];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(row[2 * i + 1] << 24 | (row[2 * i] & 0xff) << 16);
        }
        return values;
    }

    /** Rounding. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Round(String what, float[][] x) implements RowCase {
        /** Values of which many lie in the middle between two numbers. */
        static Round ties(int width, Draw draw) {
            float[][] x = draw.rows(17, width, 3);
            for (float[] row : x) {
                for (int i = 0; i < width; i++) {
                    int bits = Float.floatToRawIntBits(row[i]) & 0xffff0000;
                    row[i] = Float.intBitsToFloat(bits | 0x7fff + draw.below(3));
                }
            }
            return new Round("ties ", x);
        }

        @Override
        public Operation operation() {
            return Operation.QUANTIZE;
        }

        @Override
        public String name() {
            return what + "BF16 [" + x.length + ", " + x[0].length + "]";
        }

        @Override
        public int rows() {
            return x.length;
        }

        @Override
        public float[][] run(Bench bench, int from, int to) {
            Tensor out = bench.output(DType.BF16, to - from, x[0].length);
            bench.ops().quantize(out, bench.input(Slices.of(x, from, to), x[0].length));
            byte[][] bytes = bench.rowBytes(out);
            float[][] rows = new float[bytes.length][];
            for (int r = 0; r < rows.length; r++) {
                rows[r] = values(bytes[r]);
            }
            return rows;
        }

        @Override
        public Expected expected(int row) {
            Expected e = Expected.of(x[row].length);
            for (int i = 0; i < x[row].length; i++) {
                e.set(i, nearest(x[row][i]), 0);
            }
            return e;
        }
    }

    /**
     * Products.
     *
     * @param x BF16 numbers [tokens, columns]
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Linear(String what, float[][] x, Matrix weight) implements RowCase {
        static Linear random(int tokens, int columns, int rows, Draw draw) {
            return new Linear(
                    "", nearest(draw.rows(tokens, columns, 1)), Matrix.random(DType.BF16, rows, columns, draw));
        }

        /** Numbers that vanish, or whose products or sums do. */
        static Linear tiny(int tokens, int columns, Draw draw) {
            float[][] x = draw.rows(tokens, columns, 1);
            for (int t = 0; t < tokens; t++) {
                for (int i = 0; i < columns; i++) {
                    x[t][i] = nearest(x[t][i] * Math.scalb(1f, t % 2 == 0 ? -126 : -130));
                }
            }
            return new Linear("tiny, ", x, Matrix.random(DType.BF16, 9, columns, draw));
        }

        /** The ends of the range. */
        static Linear extreme(int columns, Draw draw) {
            return new Linear(
                    "extremes, ", nearest(draw.extremeRows(columns)), Matrix.random(DType.BF16, 5, columns, draw));
        }

        @Override
        public Operation operation() {
            return Operation.LINEAR;
        }

        @Override
        public String name() {
            return what + "BF16 [" + x.length + ", " + weight.columns() + "] by BF16 [" + weight.rows() + ", "
                    + weight.columns() + "]";
        }

        @Override
        public int rows() {
            return x.length;
        }

        @Override
        public List<DType> activations() {
            return List.of(DType.BF16);
        }

        @Override
        public float[][] run(Bench bench, int from, int to) {
            byte[][] rows = new byte[to - from][];
            for (int t = from; t < to; t++) {
                rows[t - from] = bytes(x[t]);
            }
            Tensor out = bench.output(to - from, weight.rows());
            Tensor in = bench.input(DType.BF16, rows, weight.columns());
            bench.ops().linear(out, in, bench.weight(weight), Epilogue.NONE);
            return bench.floats(out);
        }

        @Override
        public Expected expected(int row) {
            Expected e = Expected.of(weight.rows());
            double vanished = (2 * weight.columns() + 16) * (double) Float.MIN_NORMAL;
            for (int i = 0; i < weight.rows(); i++) {
                var dot = LinearCase.Dot.of(x[row], weight, i);
                double lost = 0; // where an operand counts as zero
                for (int k = 0; k < x[row].length; k++) {
                    boolean small = Math.abs(x[row][k]) < Float.MIN_NORMAL
                            || Math.abs(weight.values()[i][k]) < Float.MIN_NORMAL;
                    lost += small ? Math.abs(x[row][k] * weight.values()[i][k]) : 0;
                }
                e.set(i, dot.value(), dot.mayOverflow() ? Double.POSITIVE_INFINITY : dot.error() + vanished + lost);
            }
            return e;
        }
    }
}
