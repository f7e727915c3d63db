package dev.hearth.conformance;

import dev.hearth.spi.Gating;
import dev.hearth.tensor.Tensor;

/** The bounded gate, with the result over the gate for odd numbers of rows. */
final class ClampedGateCase implements RowCase {
    private final Gating.Clamped gating;
    private final float[][] gate;
    private final float[][] up;

    ClampedGateCase(Gating.Clamped gating, float[][] gate, float[][] up) {
        this.gating = gating;
        this.gate = gate;
        this.up = up;
    }

    @Override
    public Operation operation() {
        return Operation.GATE;
    }

    @Override
    public String name() {
        return gating + " [" + gate.length + ", " + gate[0].length + "]";
    }

    @Override
    public int rows() {
        return gate.length;
    }

    @Override
    public float[][] run(Bench bench, int from, int to) {
        int width = gate[0].length;
        float[][] rows = Slices.of(gate, from, to);
        Tensor g = gate.length % 2 == 0 ? bench.input(rows, width) : bench.inOut(rows, width);
        Tensor out = gate.length % 2 == 0 ? bench.output(to - from, width) : g;
        bench.ops().clampedGate(out, g, bench.input(Slices.of(up, from, to), width), gating);
        return bench.floats(out);
    }

    @Override
    public Expected expected(int row) {
        Expected e = Expected.of(gate[row].length);
        for (int i = 0; i < gate[row].length; i++) {
            double value = value(gating, gate[row][i], up[row][i]);
            boolean unclaimed = Double.isInfinite(gate[row][i]) || Math.abs(gate[row][i]) > 60;
            e.set(i, value, unclaimed ? Double.POSITIVE_INFINITY : error(gating, gate[row][i], up[row][i]));
        }
        return e;
    }

    /** What it is. */
    static double value(Gating.Clamped c, double gate, double up) {
        double g = Math.min(gate, c.limit());
        double u = Math.min(Math.max(up, -c.limit()), c.limit());
        return (u + 1) * (g / (1 + Math.exp(-c.alpha() * g)));
    }

    /** How far F32 may be from it, both arguments being exact. */
    static double error(Gating.Clamped c, double gate, double up) {
        double g = Math.min(gate, c.limit());
        double u = Math.min(Math.max(up, -c.limit()), c.limit());
        double activated = Math.abs(g / (1 + Math.exp(-c.alpha() * g)));
        return activated * (Math.abs(u) + 1) * (10 + 2 * Math.abs(c.alpha() * g)) * Expected.U
                + 1e-36; // exp may saturate
    }
}
