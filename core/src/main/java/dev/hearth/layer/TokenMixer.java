package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.tensor.Tensor;

/** What lets the tokens of a sequence see earlier ones: attention, or a state of fixed size. Stateless; state lies in the step. */
public interface TokenMixer {
    /** [tokens, hidden] to [tokens, hidden]; changes the state of the step's sequences. */
    Tensor forward(Tensor x, Step step);
}
