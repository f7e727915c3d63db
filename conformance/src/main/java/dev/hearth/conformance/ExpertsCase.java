package dev.hearth.conformance;

import dev.hearth.spi.Activation;
import dev.hearth.spi.ExpertWeights;
import dev.hearth.spi.Precision;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Mixture of experts: for each token the weighted sum of what its experts, gated layers, make of it. */
final class ExpertsCase implements RowCase {
    private final float[][] x;
    private final int[][] chosen;
    private final float[][] shares;
    private final List<Matrix> gate;
    private final List<Matrix> up;
    private final List<Matrix> down;
    private final Activation activation;
    private final Precision precision;

    /** Types of the three weights of every expert. */
    record Types(DType gate, DType up, DType down) {}

    /** Sizes: experts there are, experts that any token uses, experts each token uses. */
    record Sizes(int tokens, int hidden, int size, int all, int used, int each) {}

    ExpertsCase(Sizes s, Types types, Activation activation, Precision precision, Draw draw) {
        this.activation = activation;
        this.precision = precision;
        x = draw.rows(s.tokens, s.hidden, 1);
        chosen = new int[s.tokens][];
        shares = draw.rows(s.tokens, s.each, 1);
        for (int t = 0; t < s.tokens; t++) {
            chosen[t] = Arrays.copyOf(draw.permutation(s.used), s.each);
        }
        gate = matrices(types.gate, s.size, s.hidden, s.all, draw);
        up = matrices(types.up, s.size, s.hidden, s.all, draw);
        down = matrices(types.down, s.hidden, s.size, s.all, draw);
    }

    private static List<Matrix> matrices(DType type, int rows, int columns, int count, Draw draw) {
        return IntStream.range(0, count)
                .mapToObj(i -> Matrix.random(type, rows, columns, draw))
                .toList();
    }

    @Override
    public Operation operation() {
        return Operation.EXPERTS;
    }

    @Override
    public String name() {
        return precision + " " + activation + " " + x.length + " tokens by " + chosen[0].length + " of " + gate.size()
                + ", " + gate.getFirst().type() + " " + up.getFirst().type() + " "
                + down.getFirst().type() + " [" + gate.getFirst().rows() + ", "
                + gate.getFirst().columns() + "]";
    }

    @Override
    public int rows() {
        return x.length;
    }

    @Override
    public List<Integer> chunks() {
        return List.of(1, 2, 9, 16);
    }

    @Override
    public float[][] run(Bench bench, int from, int to) {
        int hidden = x[0].length;
        int each = chosen[0].length;
        Tensor out = bench.output(to - from, hidden);
        ExpertWeights weights = new ExpertWeights(load(bench, gate), load(bench, up), load(bench, down), activation);
        bench.ops()
                .experts(
                        out,
                        bench.input(Slices.of(x, from, to), hidden),
                        bench.input(Arrays.copyOfRange(chosen, from, to), each),
                        bench.input(Slices.of(shares, from, to), each),
                        weights,
                        precision);
        return bench.floats(out);
    }

    private static List<Weight> load(Bench bench, List<Matrix> matrices) {
        List<Weight> weights = new ArrayList<>();
        matrices.forEach(m -> weights.add(bench.weight(m)));
        return weights;
    }

    @Override
    public Expected expected(int row) {
        int hidden = x[row].length;
        int each = chosen[row].length;
        double[] value = new double[hidden];
        double[] magnitude = new double[hidden];
        double[] error = new double[hidden];
        List<Integer> order = IntStream.range(0, each)
                .boxed()
                .sorted(Comparator.comparingInt(j -> chosen[row][j]))
                .toList();
        for (int j : order) {
            Interval[] made = expert(chosen[row][j], x[row]);
            for (int i = 0; i < hidden; i++) {
                value[i] += shares[row][j] * made[i].value;
                magnitude[i] += Math.abs(shares[row][j] * made[i].value);
                error[i] += Math.abs(shares[row][j]) * made[i].error;
            }
        }
        Expected e = Expected.of(hidden);
        for (int i = 0; i < hidden; i++) {
            e.set(i, value[i], error[i] + (each + 2) * Expected.U * magnitude[i] + Expected.TINY);
        }
        return e;
    }

    /** A value and how far F32 may be from it. */
    private record Interval(double value, double error) {}

    private Interval[] expert(int index, float[] input) {
        Interval[] exact = new Interval[input.length];
        for (int i = 0; i < input.length; i++) {
            exact[i] = new Interval(input[i], 0);
        }
        Interval[] g = product(gate.get(index), input, exact);
        Interval[] u = product(up.get(index), input, exact);
        Interval[] h = new Interval[g.length];
        for (int i = 0; i < h.length; i++) {
            double a = Functions.value(activation, g[i].value);
            // neither activation is steeper than 1.13
            double aError = Functions.error(activation, g[i].value)
                    + Functions.slope(activation, g[i].value, g[i].error) * g[i].error;
            double product = a * u[i].value;
            double error = aError * Math.abs(u[i].value) + (Math.abs(a) + aError) * u[i].error;
            h[i] = new Interval(product, error + 2 * Expected.U * Math.abs(product) + Expected.TINY);
        }
        return product(down.get(index), null, h);
    }

    /** Product with a weight; what rounding to int8 makes is known where the input is, else each value may be half a step off. */
    private Interval[] product(Matrix m, float @org.jspecify.annotations.Nullable [] known, Interval[] in) {
        DType type = precision.activation(m.type());
        double[] x = new double[in.length];
        double[] slack = new double[in.length];
        Rounded rounded = known == null || type == DType.F32 ? null : Rounded.of(type, known);
        for (int k = 0; k < in.length; k++) {
            x[k] = rounded == null ? in[k].value : rounded.value(k);
            slack[k] = in[k].error + (known == null && type != DType.F32 ? halfStep(in, k, type.blockSize()) : 0);
        }
        Interval[] out = new Interval[m.rows()];
        for (int i = 0; i < out.length; i++) {
            double sum = 0;
            double magnitude = 0;
            double error = 0;
            for (int k = 0; k < in.length; k++) {
                sum += x[k] * m.values()[i][k];
                magnitude += (Math.abs(x[k]) + slack[k]) * m.magnitudes()[i][k];
                error += slack[k] * Math.abs(m.values()[i][k]);
            }
            out[i] = new Interval(sum, error + Expected.sumError(in.length, 5, magnitude));
        }
        return out;
    }

    private static double halfStep(Interval[] in, int k, int size) {
        double greatest = 0;
        for (int i = k / size * size; i < k / size * size + size; i++) {
            greatest = Math.max(greatest, Math.abs(in[i].value) + in[i].error);
        }
        return greatest / 127 * 0.5001;
    }
}
