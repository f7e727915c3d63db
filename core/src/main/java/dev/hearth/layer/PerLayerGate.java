package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.spi.Activation;
import dev.hearth.tensor.Tensor;

/**
 * What a layer makes of the input of its own that {@link PerLayerEmbedding} gives it:
 * {@code norm(projection · (activation(gate · x) * input))}.
 *
 * @param gate [size, hidden]
 * @param projection [hidden, size]
 * @param first column where the layer's input begins
 * @param size columns of it
 */
public record PerLayerGate(Activation activation, Linear gate, Linear projection, Norm norm, long first, int size) {
    /** Rows with the inputs of all layers, and x [tokens, hidden], to [tokens, hidden]. */
    public Tensor forward(Tensor rows, Tensor x, Step step) {
        Tensor gated = gate.forward(x, step);
        step.ops().gate(gated, gated, rows.columns(first, size), activation);
        return norm.inPlace(projection.forward(gated, step), step);
    }
}
