package dev.hearth.conformance;

import dev.hearth.spi.Activation;
import dev.hearth.spi.ExpertWeights;
import dev.hearth.spi.ExpertWeights.Biases;
import dev.hearth.spi.ExpertWeights.Share;
import dev.hearth.spi.Gating;
import dev.hearth.spi.Precision;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Mixture of experts: for each token the weighted sum of what its experts, gated layers, make of it. */
final class ExpertsCase implements RowCase {
    private final float[][] x;
    private final int[][] chosen;
    private final float[][] shares;
    private final List<Matrix> gate;
    private final List<Matrix> up;
    private final List<Matrix> down;
    private final Gating gating;
    private final Share share;
    private final float[][] gateBias; // of each expert; empty for none
    private final float[][] upBias;
    private final float[][] downBias;
    private final Precision precision;

    /** Types of the three weights of every expert. */
    record Types(DType gate, DType up, DType down) {}

    /** Sizes: experts there are, experts that any token uses, experts each token uses. */
    record Sizes(int tokens, int hidden, int size, int all, int used, int each) {}

    /** Experts without biases whose results are weighted. */
    ExpertsCase(Sizes s, Types types, Activation activation, Precision precision, Draw draw) {
        this(s, types, new Gating.Activated(activation), Share.OF_OUTPUT, 0, precision, draw);
    }

    /** Experts with biases of this size, or none for 0. */
    ExpertsCase(Sizes s, Types types, Gating gating, Share share, double biases, Precision precision, Draw draw) {
        this.gating = gating;
        this.share = share;
        this.precision = precision;
        int biased = biases > 0 ? s.all : 0;
        int gates = gating instanceof Gating.Ungated ? 0 : s.all;
        gateBias = draw.rows(Math.min(biased, gates), s.size, biases);
        upBias = draw.rows(biased, s.size, biases);
        downBias = draw.rows(biased, s.hidden, biases);
        x = draw.rows(s.tokens, s.hidden, 1);
        chosen = new int[s.tokens][];
        shares = draw.rows(s.tokens, s.each, 1);
        for (int t = 0; t < s.tokens; t++) {
            chosen[t] = Arrays.copyOf(draw.permutation(s.used), s.each);
        }
        gate = matrices(types.gate, s.size, s.hidden, gates, draw);
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
        return precision + " " + gating + " " + share + (gateBias.length > 0 ? " biased " : " ") + x.length
                + " tokens by " + chosen[0].length + " of " + up.size()
                + ", " + (gate.isEmpty() ? "" : gate.getFirst().type() + " ")
                + up.getFirst().type() + " "
                + down.getFirst().type() + " [" + up.getFirst().rows() + ", "
                + up.getFirst().columns() + "]";
    }

    @Override
    public int rows() {
        return x.length;
    }

    @Override
    public List<DType> activations() {
        return Stream.of(gate, up, down)
                .flatMap(List::stream)
                .map(matrix -> precision.activation(matrix.type()))
                .distinct()
                .toList();
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
        Biases biases = new Biases(vectors(bench, gateBias), vectors(bench, upBias), vectors(bench, downBias));
        ExpertWeights weights =
                new ExpertWeights(load(bench, gate), load(bench, up), load(bench, down), biases, gating, share);
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

    private static List<Weight> vectors(Bench bench, float[][] rows) {
        return Arrays.stream(rows).map(bench::vector).toList();
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
            boolean before = share == Share.OF_INPUT;
            Interval[] made = expert(chosen[row][j], before ? times(x[row], shares[row][j]) : x[row]);
            double weight = before ? 1 : shares[row][j];
            for (int i = 0; i < hidden; i++) {
                value[i] += weight * made[i].value;
                magnitude[i] += Math.abs(weight * made[i].value);
                error[i] += Math.abs(weight) * made[i].error;
            }
        }
        Expected e = Expected.of(hidden);
        for (int i = 0; i < hidden; i++) {
            e.set(i, value[i], error[i] + (each + 2) * Expected.U * magnitude[i] + Expected.TINY);
        }
        return e;
    }

    private static float[] times(float[] x, float factor) {
        float[] product = x.clone();
        for (int i = 0; i < x.length; i++) {
            product[i] *= factor;
        }
        return product;
    }

    /** A value and how far F32 may be from it. */
    private record Interval(double value, double error) {}

    private Interval[] expert(int index, float[] input) {
        Interval[] exact = new Interval[input.length];
        for (int i = 0; i < input.length; i++) {
            exact[i] = new Interval(input[i], 0);
        }
        Interval[] u = plus(product(up.get(index), input, exact), upBias, index);
        Interval[] h = new Interval[u.length];
        Interval[] g = gate.isEmpty() ? u : plus(product(gate.get(index), input, exact), gateBias, index);
        for (int i = 0; i < h.length; i++) {
            h[i] = gating instanceof Gating.Ungated n ? activated(n.activation(), u[i]) : gated(g[i], u[i]);
        }
        return plus(product(down.get(index), null, h), downBias, index);
    }

    private static Interval activated(Activation activation, Interval x) {
        double error = Functions.error(activation, x.value) + Functions.slope(activation, x.value, x.error) * x.error;
        return new Interval(Functions.value(activation, x.value), error);
    }

    private Interval gated(Interval g, Interval u) {
        if (gating instanceof Gating.Clamped c) {
            double value = ClampedGateCase.value(c, g.value, u.value);
            double up = Math.min(Math.abs(u.value) + u.error, c.limit()) + 1;
            double activated = Math.min(Math.abs(g.value) + g.error, Math.max(c.limit(), Math.abs(g.value)));
            // g * sigmoid(alpha * g) is nowhere steeper than 1.13
            double error = 1.13 * g.error * up + activated * u.error;
            return new Interval(value, error + ClampedGateCase.error(c, g.value, u.value));
        }
        Interval a = activated(((Gating.Activated) gating).activation(), g);
        double product = a.value * u.value;
        double error = a.error * Math.abs(u.value) + (Math.abs(a.value) + a.error) * u.error;
        return new Interval(product, error + 2 * Expected.U * Math.abs(product) + Expected.TINY);
    }

    private static Interval[] plus(Interval[] x, float[][] biases, int index) {
        for (int i = 0; i < x.length && biases.length > 0; i++) {
            double sum = x[i].value + biases[index][i];
            x[i] = new Interval(sum, x[i].error + Expected.U * Math.abs(sum));
        }
        return x;
    }

    /** Product with a weight; what rounding makes is known where the input is, else each value may be half a step off. */
    private Interval[] product(Matrix m, float @org.jspecify.annotations.Nullable [] known, Interval[] in) {
        DType type = precision.activation(m.type());
        double[] x = new double[in.length];
        double[] slack = new double[in.length];
        Rounded rounded = known == null || !type.isQuantised() ? null : Rounded.of(type, known);
        for (int k = 0; k < in.length; k++) {
            double bfloat = known != null && type == DType.BF16 ? BfloatCase.nearest(known[k]) : in[k].value;
            x[k] = rounded == null ? bfloat : rounded.value(k);
            slack[k] = in[k].error + (known == null ? halfStep(in, k, type) : 0);
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

    private static double halfStep(Interval[] in, int k, DType type) {
        if (!type.isQuantised()) {
            return type == DType.F32 ? 0 : (Math.abs(in[k].value) + in[k].error) * 0x1p-8;
        }
        int size = type.blockSize();
        double greatest = 0;
        for (int i = k / size * size; i < k / size * size + size; i++) {
            greatest = Math.max(greatest, Math.abs(in[i].value) + in[i].error);
        }
        return greatest / 127 * 0.5001;
    }
}
