package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.spi.Activation;
import dev.hearth.spi.RowFunction;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** {@code down · (activation(gate · x) * (up · x))}; Shazeer 2020, arXiv:2002.05202. */
public final class GatedMlp implements FeedForward {
    private final Activation activation;
    private final GateUp gateUp;
    private final Linear down;
    private final @Nullable RowFunction gateFunction;
    private final @Nullable Norm innerNorm;
    private final float gateFactor;

    private GatedMlp(
            Activation activation,
            GateUp gateUp,
            Linear down,
            @Nullable RowFunction gateFunction,
            @Nullable Norm innerNorm,
            float gateFactor) {
        this.activation = activation;
        this.gateUp = gateUp;
        this.down = down;
        this.gateFunction = gateFunction;
        this.innerNorm = innerNorm;
        this.gateFactor = gateFactor;
    }

    /** The layer. */
    public static GatedMlp of(Activation activation, GateUp gateUp, Linear down) {
        return new GatedMlp(activation, gateUp, down, null, null, 1);
    }

    /** The same with what the last product takes normed. */
    public GatedMlp withInnerNorm(Norm norm) {
        return new GatedMlp(activation, gateUp, down, gateFunction, norm, gateFactor);
    }

    /** The same with a function of the gate's rows before the activation. */
    public GatedMlp withGateFunction(RowFunction function) {
        return new GatedMlp(activation, gateUp, down, function, innerNorm, gateFactor);
    }

    /** The same with {@code gate · x} times a factor. */
    public GatedMlp withGateFactor(float factor) {
        return new GatedMlp(activation, gateUp, down, gateFunction, innerNorm, factor);
    }

    @Override
    public Tensor forward(Tensor x, Step step) {
        Rounded input = new Rounded(x, step);
        Tensor gate = gateUp.gate().forward(input, x.rows(), step);
        Tensor up = gateUp.up().forward(input, x.rows(), step);
        if (gateFactor != 1) {
            step.ops().scale(gate, gateFactor);
        }
        if (gateFunction != null) {
            step.ops().map(gate, gate, gateFunction);
        }
        step.ops().gate(gate, gate, up, activation);
        if (innerNorm != null) {
            innerNorm.inPlace(gate, step);
        }
        return down.forward(gate, step);
    }
}
