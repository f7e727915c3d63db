package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.spi.Activation;
import dev.hearth.spi.RowFunction;
import dev.hearth.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code down · (activation(gate · x) * (up · x))}; Shazeer 2020, arXiv:2002.05202. */
public final class GatedMlp implements FeedForward {
    private final Activation activation;
    private final Linears gateUp;
    private final Linear down;
    private final @Nullable RowFunction gateFunction;
    private final @Nullable Norm innerNorm;

    private GatedMlp(
            Activation activation,
            Linears gateUp,
            Linear down,
            @Nullable RowFunction gateFunction,
            @Nullable Norm innerNorm) {
        this.activation = activation;
        this.gateUp = gateUp;
        this.down = down;
        this.gateFunction = gateFunction;
        this.innerNorm = innerNorm;
    }

    /** The layer. */
    public static GatedMlp of(Activation activation, GateUp gateUp, Linear down) {
        return new GatedMlp(activation, new Linears(gateUp.gate(), gateUp.up()), down, null, null);
    }

    /** The same with what the last product takes normed. */
    public GatedMlp withInnerNorm(Norm norm) {
        return new GatedMlp(activation, gateUp, down, gateFunction, norm);
    }

    /** The same with a function of the gate's rows before the activation. */
    public GatedMlp withGateFunction(RowFunction function) {
        return new GatedMlp(activation, gateUp, down, function, innerNorm);
    }

    @Override
    public Tensor forward(Tensor x, Step step) {
        List<Tensor> made = gateUp.forward(new Rounded(x, step), x.rows(), step);
        Tensor gate = made.get(0);
        Tensor up = made.get(1);
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
