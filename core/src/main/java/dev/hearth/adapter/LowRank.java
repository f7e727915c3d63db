package dev.hearth.adapter;

import dev.hearth.format.ModelFormatException;
import dev.hearth.format.TensorInfo;
import dev.hearth.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * LoRA (Hu et al. 2021, arXiv:2106.09685): adds scaling · B · A. With a magnitude it is DoRA (Liu et al. 2024, arXiv:2402.09353):
 * the sum's part for each output is brought to that length, where the length of the base model's weight with this addition counts
 * as 1.
 */
final class LowRank implements Change {
    private final String place;
    private final float[] a; // [rank, inputs]
    private final float[] b; // [outputs, rank]
    private final int rank;
    private final int inputs;
    private final int outputs;
    private final float scaling;
    private final Optional<float[]> magnitude; // [outputs]
    private final boolean squareIsColumns;

    /**
     * A change.
     *
     * @param first A, [rank, inputs]
     * @param second B, [outputs, rank]
     * @param magnitude the length for each output
     * @param squareIsColumns whether a weight of as many inputs as outputs is [inputs, outputs]
     */
    LowRank(
            TensorInfo first,
            TensorInfo second,
            float scaling,
            Optional<TensorInfo> magnitude,
            boolean squareIsColumns) {
        this.place = first.place();
        this.a = FloatRows.all(first);
        this.b = FloatRows.all(second);
        this.rank = (int) first.shape().size(0);
        this.inputs = (int) first.shape().width();
        this.outputs = (int) second.shape().size(0);
        this.scaling = scaling;
        this.magnitude = magnitude.map(FloatRows::all);
        this.squareIsColumns = squareIsColumns;
    }

    @Override
    public void check(Shape shape) {
        if (!shape.equals(Shape.of(outputs, inputs)) && !shape.equals(Shape.of(inputs, outputs))) {
            throw new ModelFormatException(
                    place,
                    "expected a change of the base model's " + shape + ", found one of " + Shape.of(outputs, inputs)
                            + "; use the model that the adapter was made for");
        }
    }

    @Override
    public void apply(TensorInfo base, MemorySegment values) {
        boolean columns = inputs == outputs ? squareIsColumns : base.shape().equals(Shape.of(inputs, outputs));
        if (columns) {
            applyToColumns(base, values);
        } else {
            FloatRows.forEach(base, (output, row) -> {
                float[] delta = delta(inputs, a, k -> b[(int) output * rank + k]);
                float factor =
                        magnitude.map(m -> m[(int) output] / length(row, delta)).orElse(1f);
                add(values, output, delta, i -> factor);
            });
        }
    }

    /** For a weight [inputs, outputs]. */
    private void applyToColumns(TensorInfo base, MemorySegment values) {
        float[] second = new float[b.length]; // [rank, outputs]
        for (int o = 0; o < outputs; o++) {
            for (int k = 0; k < rank; k++) {
                second[k * outputs + o] = b[o * rank + k];
            }
        }
        float[] factors = new float[outputs];
        java.util.Arrays.fill(factors, 1);
        magnitude.ifPresent(m -> {
            double[] squares = new double[outputs];
            FloatRows.forEach(base, (input, row) -> {
                float[] delta = delta(outputs, second, k -> a[k * inputs + (int) input]);
                synchronized (squares) {
                    for (int o = 0; o < outputs; o++) {
                        double sum = row[o] + delta[o];
                        squares[o] += sum * sum;
                    }
                }
            });
            for (int o = 0; o < outputs; o++) {
                factors[o] = m[o] / (float) Math.sqrt(squares[o]);
            }
        });
        FloatRows.forEach(base, (input, row) -> {
            float[] delta = delta(outputs, second, k -> a[k * inputs + (int) input]);
            add(values, input, delta, o -> factors[o]);
        });
    }

    private interface Coefficient {
        float of(int index);
    }

    /** The scaled sum of the rows of a matrix [rank, width]. */
    private float[] delta(int width, float[] matrix, Coefficient coefficient) {
        float[] delta = new float[width];
        for (int k = 0; k < rank; k++) {
            float c = coefficient.of(k);
            for (int i = 0; i < width; i++) {
                delta[i] += c * matrix[k * width + i];
            }
        }
        for (int i = 0; i < width; i++) {
            delta[i] *= scaling;
        }
        return delta;
    }

    private static float length(float[] row, float[] delta) {
        double squares = 0;
        for (int i = 0; i < row.length; i++) {
            double sum = row[i] + delta[i];
            squares += sum * sum;
        }
        return (float) Math.sqrt(squares);
    }

    private static void add(MemorySegment values, long index, float[] delta, Coefficient factor) {
        float[] row = new float[delta.length];
        FloatRows.read(values, index, row);
        for (int i = 0; i < row.length; i++) {
            row[i] = factor.of(i) * (row[i] + delta[i]);
        }
        FloatRows.write(row, values, index);
    }
}
