package dev.hearth.layer;

import dev.hearth.layer.TimeMix.Shifted;
import dev.hearth.model.Step;
import dev.hearth.spi.Activation;
import dev.hearth.tensor.Tensor;

/** RWKV-4's feed-forward layer: {@code sigmoid(receptance) * (value · relu(key)^2)}; Peng and others 2023, arXiv:2305.13048, section 3. */
public record ChannelMix(Shifted receptance, Shifted key, Linear value) implements TokenMixer {
    @Override
    public Tensor forward(Tensor x, Step step) {
        Tensor keys = key.forward(x, step);
        step.ops().activate(keys, Activation.RELU_SQUARED);
        Tensor values = value.forward(keys, step);
        Tensor gate = receptance.forward(x, step);
        step.ops().gate(gate, gate, values, Activation.SIGMOID);
        return gate;
    }
}
