package dev.hearth.embedding;

import dev.hearth.format.ModelFolder;
import java.util.Optional;

/**
 * A product that follows pooling.
 *
 * @param folder where its weights are; empty for the model's own file
 * @param name the tensor without .weight
 * @param inputs elements that it takes
 * @param outputs elements that it gives
 */
public record DenseModule(Optional<ModelFolder> folder, String name, int inputs, int outputs, Function function) {
    /** What each number of the result goes through. */
    public enum Function {
        /** Nothing. */
        IDENTITY,
        /** The hyperbolic tangent. */
        TANH,
        /** The greater of it and 0. */
        RELU,
        /** GELU, by the error function. */
        GELU,
        /** x / (1 + exp(-x)). */
        SILU
    }
}
