package dev.hearth.conformance;

import dev.hearth.spi.NormSpec;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Root mean square norms, alone, in place, and after an addition. Zhang and Sennrich 2019, arXiv:1910.07467, equation 4. */
final class NormCase implements RowCase {
    /** Which call. */
    enum Form {
        /** norm. */
        APART,
        /** norm, out being x. */
        IN_PLACE,
        /** addNorm with a delta. */
        ADDED,
        /** addNorm without. */
        NOTHING_ADDED
    }

    private final Form form;
    private final float[][] x;
    private final float @Nullable [][] delta;
    private final float[] weight;
    private final NormSpec spec;

    NormCase(Form form, float[][] x, float[][] delta, float[] weight, float epsilon) {
        this.form = form;
        this.x = x;
        this.delta = form == Form.ADDED ? delta : null;
        this.weight = weight;
        this.spec = new NormSpec(weight.length, epsilon);
    }

    static NormCase random(Form form, int rows, int groups, int size, Draw draw) {
        double scale = Math.exp(draw.normal());
        return new NormCase(
                form,
                draw.rows(rows, groups * size, scale),
                draw.rows(rows, groups * size, scale),
                draw.normals(size, 1),
                draw.below(2) == 0 ? 1e-6f : 1e-2f);
    }

    @Override
    public Operation operation() {
        return Operation.NORM;
    }

    @Override
    public String name() {
        return form + " [" + x.length + ", " + x[0].length + "] in groups of " + spec.groupSize();
    }

    @Override
    public int rows() {
        return x.length;
    }

    @Override
    public float[][] run(Bench bench, int from, int to) {
        int width = x[0].length;
        Weight w = bench.vector(weight);
        float[][] rows = Slices.of(x, from, to);
        if (form == Form.IN_PLACE) {
            Tensor inOut = bench.inOut(rows, width);
            bench.ops().norm(inOut, inOut, w, spec);
            return bench.floats(inOut);
        }
        Tensor out = bench.output(to - from, width);
        if (form == Form.APART) {
            bench.ops().norm(out, bench.input(rows, width), w, spec);
            return bench.floats(out);
        }
        Tensor residual = bench.inOut(rows, width);
        Tensor added = delta == null ? null : bench.input(Slices.of(delta, from, to), width);
        bench.ops().addNorm(out, residual, added, w, spec);
        return Slices.join(bench.floats(out), bench.floats(residual));
    }

    @Override
    public Expected expected(int row) {
        int width = x[row].length;
        int size = spec.groupSize();
        boolean residual = form == Form.ADDED || form == Form.NOTHING_ADDED;
        Expected e = Expected.of(residual ? 2 * width : width);
        double[] sum = new double[width];
        for (int i = 0; i < width; i++) {
            float added = delta == null ? x[row][i] : x[row][i] + delta[row][i]; // one rounding, as the call must do
            sum[i] = added;
            if (residual) {
                e.set(width + i, added, 0);
            }
        }
        for (int g = 0; g < width; g += size) {
            double squares = 0;
            for (int i = g; i < g + size; i++) {
                squares += sum[i] * sum[i];
            }
            double mean = squares / size;
            double root = Math.sqrt(mean + spec.epsilon());
            // half the error of the sum, as a square root halves relative errors, and the roundings after it
            double relative = Expected.sumError(size, 8, 1) / 2 + 4 * Expected.U + Expected.TINY / (root * root);
            for (int i = g; i < g + size; i++) {
                double value = sum[i] / root * weight[i - g];
                double bound = Math.abs(value) * relative + (1 + Math.abs(weight[i - g])) * Expected.TINY;
                e.set(i, value, squares > Expected.HUGE || relative > 0.01 ? Double.POSITIVE_INFINITY : bound);
            }
        }
        return e;
    }
}
