package dev.hearth.conformance;

import dev.hearth.spi.Activation;
import dev.hearth.spi.NormSpec;
import dev.hearth.spi.host.HostKernels;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Mutants of layer norms and of what happens to each number on its own. */
final class LayerNormMutants {
    private LayerNormMutants() {}

    static List<Mutant> all() {
        return List.of(
                layerNorm(
                        "bias dropped",
                        (right, c) ->
                                right.layerNorm(c.out, c.residual, c.delta, c.weight, null, c.spec, c.from, c.to)),
                layerNorm(
                        "delta dropped",
                        (right, c) -> right.layerNorm(c.out, c.residual, null, c.weight, c.bias, c.spec, c.from, c.to)),
                layerNorm("residual not written back", (right, c) -> {
                    boolean inPlace = c.out.buffer().equals(c.residual.buffer());
                    Tensor residual = inPlace ? c.residual : Mutant.copy(c.residual);
                    right.layerNorm(c.out, residual, c.delta, c.weight, c.bias, c.spec, c.from, c.to);
                }),
                layerNorm(
                        "epsilon dropped",
                        (right, c) -> right.layerNorm(
                                c.out,
                                c.residual,
                                c.delta,
                                c.weight,
                                c.bias,
                                new NormSpec(c.spec.groupSize(), 0),
                                c.from,
                                c.to)),
                layerNorm("root mean square for deviation", (right, c) -> {
                    right.addNorm(c.out, c.residual, c.delta, c.weight, c.spec, c.from, c.to);
                }),
                Mutant.wrong(Operation.SCALE, "nothing happens", new ForwardingKernels() {
                    @Override
                    public void scale(Tensor inOut, float factor, long from, long to) {}
                }),
                Mutant.wrong(
                        Operation.ACTIVATE,
                        "tanh for erf",
                        activate(a -> a == Activation.GELU ? Activation.GELU_TANH : a)),
                Mutant.wrong(
                        Operation.ACTIVATE,
                        "sigmoid for tanh",
                        activate(a -> a == Activation.GELU_TANH ? Activation.QUICK_GELU : a)),
                Mutant.wrong(
                        Operation.ACTIVATE,
                        "not squared",
                        activate(a -> a == Activation.RELU_SQUARED ? Activation.RELU : a)),
                Mutant.inexact(Operation.ACTIVATE, "the exact distribution", new ForwardingKernels() {
                    @Override
                    public void activate(Tensor inOut, Activation activation, long from, long to) {
                        if (activation != Activation.GELU) {
                            right.activate(inOut, activation, from, to);
                            return;
                        }
                        for (long t = from; t < to; t++) {
                            for (long i = 0; i < inOut.width(); i++) {
                                float x = inOut.getFloat(t, i);
                                inOut.setFloat(t, i, (float) Functions.value(activation, x));
                            }
                        }
                    }
                }));
    }

    /** The arguments of a call. */
    private record Call(
            Tensor out,
            Tensor residual,
            @Nullable Tensor delta,
            HostWeight weight,
            @Nullable HostWeight bias,
            NormSpec spec,
            long from,
            long to) {}

    private interface Wrong {
        void call(HostKernels right, Call call);
    }

    private static Mutant layerNorm(String name, Wrong wrong) {
        return Mutant.wrong(Operation.LAYER_NORM, name, new ForwardingKernels() {
            @Override
            public void layerNorm(
                    Tensor out,
                    Tensor residual,
                    @Nullable Tensor delta,
                    HostWeight weight,
                    @Nullable HostWeight bias,
                    NormSpec spec,
                    long from,
                    long to) {
                wrong.call(right, new Call(out, residual, delta, weight, bias, spec, from, to));
            }
        });
    }

    private interface Other {
        Activation of(Activation activation);
    }

    private static HostKernels activate(Other other) {
        return new ForwardingKernels() {
            @Override
            public void activate(Tensor inOut, Activation activation, long from, long to) {
                right.activate(inOut, other.of(activation), from, to);
            }
        };
    }
}
