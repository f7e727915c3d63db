package dev.hearth.conformance;

import dev.hearth.spi.Epilogue;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Products of F32 activations. */
final class LinearCase implements RowCase {
    private final String name;
    private final float[][] x;
    private final Matrix weight;
    private final float @Nullable [] bias;

    LinearCase(String name, float[][] x, Matrix weight, float @Nullable [] bias) {
        this.name = name;
        this.x = x;
        this.weight = weight;
        this.bias = bias;
    }

    static LinearCase random(DType type, int tokens, int columns, int rows, Draw draw) {
        return new LinearCase(
                "",
                draw.rows(tokens, columns, 1),
                Matrix.random(type, rows, columns, draw),
                draw.below(2) == 0 ? null : draw.normals(rows, 1));
    }

    @Override
    public Operation operation() {
        return Operation.LINEAR;
    }

    @Override
    public String name() {
        return name + "[" + x.length + ", " + weight.columns() + "] by " + weight.type() + " [" + weight.rows() + ", "
                + weight.columns() + "]" + (bias == null ? "" : " with bias");
    }

    @Override
    public List<DType> types() {
        return List.of(weight.type());
    }

    @Override
    public int rows() {
        return x.length;
    }

    @Override
    public float[][] run(Bench bench, int from, int to) {
        Tensor out = bench.output(to - from, weight.rows());
        Tensor in = bench.input(Slices.of(x, from, to), weight.columns());
        Epilogue epilogue = bias == null ? Epilogue.NONE : new Epilogue(bench.vector(bias));
        bench.ops().linear(out, in, bench.weight(weight), epilogue);
        return bench.floats(out);
    }

    @Override
    public Expected expected(int row) {
        Expected e = Expected.of(weight.rows());
        for (int i = 0; i < weight.rows(); i++) {
            Dot dot = Dot.of(x[row], weight, i);
            double b = bias == null ? 0 : bias[i];
            if (dot.mayOverflow()) {
                e.set(i, 0, Double.POSITIVE_INFINITY);
            } else {
                e.set(i, dot.value() + b, dot.error() + 2 * Expected.U * Math.abs(dot.value() + b));
            }
        }
        return e;
    }

    /**
     * A row of a matrix times a vector.
     *
     * @param magnitude sum of the absolute terms
     */
    record Dot(double value, double magnitude, int count) {
        static Dot of(float[] x, Matrix weight, int row) {
            double sum = 0;
            double magnitude = 0;
            for (int k = 0; k < x.length; k++) {
                sum += x[k] * weight.values()[row][k];
                magnitude += Math.abs(x[k]) * weight.magnitudes()[row][k];
            }
            return new Dot(sum, magnitude, x.length);
        }

        /** Values of a block take up to three roundings before they are multiplied. */
        double error() {
            return Expected.sumError(count, 4, magnitude);
        }

        /** Whether a partial sum may leave the range of F32, where order decides between infinity and NaN. */
        boolean mayOverflow() {
            return !Double.isNaN(magnitude) && magnitude > Expected.HUGE;
        }
    }
}
