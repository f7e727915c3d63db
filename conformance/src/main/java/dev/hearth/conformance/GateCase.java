package dev.hearth.conformance;

import dev.hearth.spi.Activation;
import dev.hearth.tensor.Tensor;

/** Gated activations, apart or with the result over the gate. */
final class GateCase implements RowCase {
    private final Activation activation;
    private final boolean inPlace;
    private final float[][] gate;
    private final float[][] up;

    private GateCase(Activation activation, boolean inPlace, float[][] gate, float[][] up) {
        this.activation = activation;
        this.inPlace = inPlace;
        this.gate = gate;
        this.up = up;
    }

    static GateCase apart(Activation activation, float[][] gate, float[][] up) {
        return new GateCase(activation, false, gate, up);
    }

    static GateCase inPlace(Activation activation, float[][] gate, float[][] up) {
        return new GateCase(activation, true, gate, up);
    }

    @Override
    public Operation operation() {
        return Operation.GATE;
    }

    @Override
    public String name() {
        return activation + (inPlace ? " in place [" : " [") + gate.length + ", " + gate[0].length + "]";
    }

    @Override
    public int rows() {
        return gate.length;
    }

    @Override
    public float[][] run(Bench bench, int from, int to) {
        int width = gate[0].length;
        Tensor g =
                inPlace ? bench.inOut(Slices.of(gate, from, to), width) : bench.input(Slices.of(gate, from, to), width);
        Tensor out = inPlace ? g : bench.output(to - from, width);
        bench.ops().gate(out, g, bench.input(Slices.of(up, from, to), width), activation);
        return bench.floats(out);
    }

    @Override
    public Expected expected(int row) {
        Expected e = Expected.of(gate[row].length);
        for (int i = 0; i < gate[row].length; i++) {
            double x = gate[row][i];
            double value = value(activation, x) * up[row][i];
            double bound = error(activation, x) * Math.abs(up[row][i])
                    + Math.abs(value) * 2 * Expected.U
                    + Expected.TINY * (2 + Math.abs(up[row][i]));
            boolean unclaimed = Double.isInfinite(x) || Math.abs(value) > Expected.HUGE;
            e.set(i, value, unclaimed ? Double.POSITIVE_INFINITY : bound);
        }
        return e;
    }

    /** x times the logistic function of x, or of 2 sqrt(2 / pi) (x + 0.044715 x^3), which is x (1 + tanh(half of that)) / 2. */
    static double value(Activation activation, double x) {
        return x / (1 + Math.exp(-argument(activation, x)));
    }

    /** Greatest error of the activation, its argument being exact. */
    static double error(Activation activation, double x) {
        // exp multiplies an absolute error of its argument into a relative one of its value, which is at most 2 ulp of
        // its own.
        double argument = Math.abs(argument(activation, x));
        double relative = (activation == Activation.SILU ? 8 : 8 + 8 * Math.min(argument, 110)) * Expected.U;
        return Math.abs(value(activation, x)) * relative + Math.abs(x) * 1e-38; // above 1e38 exp may saturate
    }

    private static double argument(Activation activation, double x) {
        return activation == Activation.SILU ? x : 2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
    }
}
