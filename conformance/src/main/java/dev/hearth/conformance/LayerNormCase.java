package dev.hearth.conformance;

import dev.hearth.spi.NormSpec;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Layer norms, alone, in place, and after an addition. Ba and others 2016, arXiv:1607.06450, equation 4. */
final class LayerNormCase implements RowCase {
    /** How it is called. */
    enum Form {
        /** Without a delta. */
        APART,
        /** Without a delta, out being the residual. */
        IN_PLACE,
        /** With a delta. */
        ADDED
    }

    /** Weight and bias. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Vectors(float[] weight, float @Nullable [] bias) {}

    private final Form form;
    private final float[][] x;
    private final float @Nullable [][] delta;
    private final Vectors vectors;
    private final NormSpec spec;

    LayerNormCase(Form form, float[][] x, float[][] delta, Vectors vectors, float epsilon) {
        this.form = form;
        this.x = x;
        this.delta = form == Form.ADDED ? delta : null;
        this.vectors = vectors;
        this.spec = new NormSpec(vectors.weight.length, epsilon);
    }

    static LayerNormCase random(Form form, int rows, int groups, int size, Draw draw) {
        double scale = Math.exp(draw.normal());
        return new LayerNormCase(
                form,
                draw.rows(rows, groups * size, scale),
                draw.rows(rows, groups * size, scale),
                new Vectors(draw.normals(size, 1), draw.below(2) == 0 ? draw.normals(size, 1) : null),
                draw.below(2) == 0 ? 1e-5f : 1e-2f);
    }

    @Override
    public Operation operation() {
        return Operation.LAYER_NORM;
    }

    @Override
    public String name() {
        return form + " [" + x.length + ", " + x[0].length + "] in groups of " + spec.groupSize()
                + (vectors.bias == null ? "" : " with bias");
    }

    @Override
    public int rows() {
        return x.length;
    }

    @Override
    public float[][] run(Bench bench, int from, int to) {
        int width = x[0].length;
        Weight weight = bench.vector(vectors.weight);
        Weight bias = vectors.bias == null ? null : bench.vector(vectors.bias);
        Tensor residual = bench.inOut(Slices.of(x, from, to), width);
        if (form == Form.IN_PLACE) {
            bench.ops().layerNorm(residual, residual, null, weight, bias, spec);
            return bench.floats(residual);
        }
        Tensor out = bench.output(to - from, width);
        Tensor added = delta == null ? null : bench.input(Slices.of(delta, from, to), width);
        bench.ops().layerNorm(out, residual, added, weight, bias, spec);
        return Slices.join(bench.floats(out), bench.floats(residual));
    }

    @Override
    public Expected expected(int row) {
        int width = x[row].length;
        Expected e = Expected.of(form == Form.IN_PLACE ? width : 2 * width);
        double[] values = new double[width];
        for (int i = 0; i < width; i++) {
            float added = delta == null ? x[row][i] : x[row][i] + delta[row][i]; // one rounding, as the call must do
            values[i] = added;
            if (form != Form.IN_PLACE) {
                e.set(width + i, added, 0);
            }
        }
        for (int g = 0; g < width; g += spec.groupSize()) {
            group(e, values, g);
        }
        return e;
    }

    private void group(Expected e, double[] values, int from) {
        int size = spec.groupSize();
        double sum = 0;
        double magnitude = 0;
        for (int i = from; i < from + size; i++) {
            sum += values[i];
            magnitude += Math.abs(values[i]);
        }
        double mean = sum / size;
        double meanError = Expected.sumError(size, 0, magnitude) / size + Math.abs(mean) * Expected.U;
        double squares = 0;
        double spread = 0;
        for (int i = from; i < from + size; i++) {
            double c = values[i] - mean;
            squares += c * c;
            spread = Math.max(spread, Math.abs(c));
        }
        double root = Math.sqrt(squares / size + spec.epsilon());
        double centredError = meanError + spread * Expected.U;
        double squareError =
                Expected.sumError(size, 1, squares) / size + centredError * (2 * spread + centredError) + Expected.TINY;
        double relative = squareError / (root * root) / 2 + 5 * Expected.U;
        // where no digit of the variance is sure, or F32 overflows, nothing is claimed
        boolean unclaimed = magnitude > Expected.HUGE || squares > Expected.HUGE || relative > 0.01 || root == 0;
        for (int i = from; i < from + size; i++) {
            double weight = vectors.weight[i - from];
            double normed = (values[i] - mean) / root * weight;
            double value = vectors.bias == null ? normed : normed + vectors.bias[i - from];
            double bound = Math.abs(normed) * relative
                    + centredError / root * Math.abs(weight)
                    + Math.abs(value) * Expected.U
                    + (1 + Math.abs(weight)) * 2 * Expected.TINY;
            e.set(i, value, unclaimed ? Double.POSITIVE_INFINITY : bound);
        }
    }
}
