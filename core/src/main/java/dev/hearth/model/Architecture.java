package dev.hearth.model;

/** A family of models: how its layers are put together. Stateless. */
@FunctionalInterface
public interface Architecture {
    /**
     * Builds the network over weights.
     *
     * @throws dev.hearth.format.ModelFormatException if a tensor is missing or has another shape than the configuration says
     */
    Decoder build(ModelConfig config, Weights weights);
}
