package dev.hearth.conformance;

import dev.hearth.spi.RopeSpec;
import dev.hearth.tensor.Tensor;

/** Rotary embedding, as complex numbers: each pair is multiplied by magnitude * e^(i angle). Su and others 2021, arXiv:2104.09864. */
final class RotateCase implements RowCase {
    private final float[][] x;
    private final int[] positions;
    private final RopeSpec spec;

    RotateCase(float[][] x, int[] positions, RopeSpec spec) {
        this.x = x;
        this.positions = positions;
        this.spec = spec;
    }

    static RotateCase random(RopeSpec.Pairing pairing, int rows, int heads, int headDim, int pairs, Draw draw) {
        float[] frequencies = new float[pairs];
        for (int i = 0; i < pairs; i++) {
            frequencies[i] = (float) Math.pow(10000, -(double) i / pairs);
        }
        int[] positions = new int[rows];
        for (int t = 0; t < rows; t++) {
            positions[t] = t % 4 == 0 ? t : t % 4 == 1 ? draw.from(250, 260) : draw.below(t % 4 == 2 ? 600 : 9000);
        }
        float magnitude = draw.below(2) == 0 ? 1 : draw.between(0.5, 2);
        return new RotateCase(
                draw.rows(rows, heads * headDim, 1), positions, new RopeSpec(headDim, frequencies, magnitude, pairing));
    }

    @Override
    public Operation operation() {
        return Operation.ROTATE;
    }

    @Override
    public String name() {
        return "[" + x.length + ", " + x[0].length + "], " + spec.pairCount() + " pairs of " + spec.pairing()
                + " in heads of " + spec.headDim();
    }

    @Override
    public int rows() {
        return x.length;
    }

    @Override
    public float[][] run(Bench bench, int from, int to) {
        Tensor inOut = bench.inOut(Slices.of(x, from, to), x[0].length);
        bench.ops().rotate(inOut, bench.column(Slices.of(positions, from, to)), spec);
        return bench.floats(inOut);
    }

    @Override
    public Expected expected(int row) {
        Expected e = Expected.of(x[row].length);
        for (int i = 0; i < x[row].length; i++) {
            e.set(i, x[row][i], 0);
        }
        for (int head = 0; head < x[row].length; head += spec.headDim()) {
            for (int pair = 0; pair < spec.pairCount(); pair++) {
                boolean halves = spec.pairing() == RopeSpec.Pairing.HALVES;
                int real = head + (halves ? pair : 2 * pair);
                int imaginary = halves ? real + spec.pairCount() : real + 1;
                double angle = (float) positions[row] * spec.inverseFrequency(pair); // an F32 product
                turn(e, row, real, imaginary, angle);
            }
        }
        return e;
    }

    private void turn(Expected e, int row, int real, int imaginary, double angle) {
        double magnitude = spec.magnitude(positions[row]);
        double cos = Math.cos(angle) * magnitude;
        double sin = Math.sin(angle) * magnitude;
        double a = x[row][real];
        double b = x[row][imaginary];
        double bound = 4 * Expected.U * (Math.abs(a) + Math.abs(b)) * magnitude + 4 * Expected.TINY;
        boolean large = !(Math.abs(a) + Math.abs(b) < 1e37); // may overflow on the way
        if (large && !Double.isNaN(a) && !Double.isNaN(b)) {
            bound = Double.POSITIVE_INFINITY;
        }
        e.set(real, a * cos - b * sin, bound);
        e.set(imaginary, a * sin + b * cos, bound);
    }
}
