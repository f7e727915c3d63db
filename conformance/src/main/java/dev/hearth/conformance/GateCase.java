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
            double activated = Functions.value(activation, x);
            double value = activated * up[row][i];
            double bound = Functions.error(activation, x) * Math.abs(up[row][i])
                    + Math.abs(value) * 2 * Expected.U
                    + Expected.TINY * (2 + Math.abs(up[row][i]));
            boolean unclaimed = Double.isInfinite(x) || Math.max(Math.abs(activated), Math.abs(value)) > Expected.HUGE;
            e.set(i, value, unclaimed ? Double.POSITIVE_INFINITY : bound);
        }
        return e;
    }
}
