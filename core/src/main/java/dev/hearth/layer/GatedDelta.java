package dev.hearth.layer;

import dev.hearth.model.LayerPlan;
import dev.hearth.model.Step;
import dev.hearth.spi.Activation;
import dev.hearth.spi.DeltaSpec;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.Tensor;

/**
 * Linear attention by the gated delta rule: queries, keys and values go through a convolution before it, what it yields is normed
 * by head and gated by SiLU of a product; Yang and others 2024, arXiv:2412.06464, section 3.4.
 *
 * @param decay F32 [value heads], negative
 * @param stepBias F32 [value heads]
 * @param norm over each head's values
 */
public record GatedDelta(
        LayerPlan.Recurrent plan,
        DeltaSpec spec,
        Products products,
        Convolution convolution,
        Weight decay,
        Weight stepBias,
        RmsNorm norm,
        Linear output)
        implements TokenMixer {
    /**
     * What is made of the input.
     *
     * @param mixed to [queries, keys, values], head by head
     * @param gate to [value heads * valueDim]
     * @param steps to [value heads]
     * @param beta to [value heads]
     */
    public record Products(Linear mixed, Linear gate, Linear steps, Linear beta) {}

    @Override
    public Tensor forward(Tensor x, Step step) {
        Rounded input = new Rounded(x, step);
        Tensor mixed = products.mixed.forward(input, x.rows(), step);
        convolution.into(mixed, mixed, step);
        long keys = (long) spec.keyHeadCount() * spec.keyDim();
        long values = (long) spec.valueHeadCount() * spec.valueDim();
        Tensor out = step.rows(values);
        step.ops()
                .delta(
                        out,
                        mixed.columns(0, keys),
                        mixed.columns(keys, keys),
                        mixed.columns(2 * keys, values),
                        products.steps.forward(input, x.rows(), step),
                        products.beta.forward(input, x.rows(), step),
                        decay,
                        stepBias,
                        step.recurrent(plan),
                        spec,
                        step.batch());
        norm.inPlace(out, step);
        Tensor gate = products.gate.forward(input, x.rows(), step);
        step.ops().gate(gate, gate, out, Activation.SILU);
        return output.forward(gate, step);
    }
}
