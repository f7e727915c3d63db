package dev.hearth.model;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;

/**
 * A family of models and everything particular to it: how its layers are put together, what its files call tensors, and what
 * its configuration means where that differs from the common reading. Stateless.
 */
@FunctionalInterface
public interface Architecture {
    /**
     * Builds the network over weights.
     *
     * @throws dev.hearth.format.ModelFormatException if a tensor is missing or has another shape than the configuration says
     */
    Network build(ModelConfig config, Weights weights);

    /**
     * Tensor names of the Hugging Face layout that differ from the common ones, a row each: that name, then GGUF's; see
     * {@link dev.hearth.format.SafetensorsNames}.
     */
    default String tensorNames() {
        return "";
    }

    /**
     * Amends what was read from a config.json by the keys that most families share.
     *
     * @throws dev.hearth.format.ModelFormatException if the model uses a feature that isn't there
     */
    default void configure(ModelConfigBuilder config, Fields file) {}

    /**
     * Amends what was read from a GGUF file's metadata by the keys that most families share.
     *
     * @throws dev.hearth.format.ModelFormatException if the model uses a feature that isn't there
     */
    default void configure(ModelConfigBuilder config, GgufKeys file) {}

    /**
     * Says how a model of the Hugging Face layout is written as a GGUF file, beside what most families share. Without it such
     * models are refused.
     *
     * @throws dev.hearth.format.ModelFormatException if GGUF has no way to say it
     */
    default void export(GgufExport gguf, ModelConfig config) {
        throw new ModelFormatException(
                config.place(), "models of the family " + config.architecture() + " cannot be converted to GGUF yet");
    }
}
