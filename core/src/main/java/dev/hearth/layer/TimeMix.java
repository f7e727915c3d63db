package dev.hearth.layer;

import dev.hearth.model.LayerPlan;
import dev.hearth.model.Step;
import dev.hearth.spi.Activation;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.Tensor;

/**
 * RWKV-4's attention: {@code output · (sigmoid(receptance) * wkv(key, value))}; Peng and others 2023, arXiv:2305.13048, section 3.
 *
 * @param decay F32 [channels], negative
 * @param bonus F32 [channels]
 * @param stateOffset where the layer's state holds that of {@link dev.hearth.spi.Ops#wkv}
 */
public record TimeMix(
        LayerPlan.Recurrent plan,
        Shifted receptance,
        Shifted key,
        Shifted value,
        Weight decay,
        Weight bonus,
        int stateOffset,
        Linear output)
        implements TokenMixer {
    /** A product of tokens each mixed with the one before it. */
    public record Shifted(Convolution shift, Linear product) {
        Tensor forward(Tensor x, Step step) {
            return product.forward(shift.into(step.rows(x.width()), x, step), step);
        }
    }

    @Override
    public Tensor forward(Tensor x, Step step) {
        Tensor keys = key.forward(x, step);
        Tensor values = value.forward(x, step);
        step.ops().wkv(values, keys, values, decay, bonus, step.recurrent(plan), stateOffset, step.batch());
        Tensor gate = receptance.forward(x, step);
        step.ops().gate(gate, gate, values, Activation.SIGMOID);
        return output.forward(gate, step);
    }
}
