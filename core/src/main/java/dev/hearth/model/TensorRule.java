package dev.hearth.model;

import dev.hearth.tensor.Shape;
import java.util.List;

/** What a tensor of the Hugging Face layout becomes in a GGUF file. */
@FunctionalInterface
public interface TensorRule {
    /**
     * The tensors that it becomes; none if it is left out.
     *
     * @param name that GGUF has for it, in full
     * @throws dev.hearth.format.ModelFormatException if it has another shape than it must have
     */
    List<Rearranged> apply(String name, Shape shape);
}
