package dev.hearth.model;

import dev.hearth.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * What an {@link Architecture} builds over weights. Stateless: what is known of a sequence lies in the pages that a {@link Step}
 * names. Any thread may use it with its own step.
 */
public sealed interface Network permits Decoder, Encoder {
    /** What it keeps for each sequence from step to step. */
    List<StateSpec> states();

    /**
     * The step's chosen tokens after the last norm, F32 [chosen, hidden]; they last until the next step and are there after the
     * fence.
     */
    Tensor hidden(Step step);

    /**
     * Logits of the step's chosen tokens, F32 [chosen, vocabulary], likewise: a decoder's of the token that follows each, an
     * encoder's of the token that is in its place.
     *
     * @throws IllegalArgumentException if the network has no head over the vocabulary
     */
    Tensor logits(Step step);

    /** What makes labels of a whole text, empty if the model has no such head. */
    Optional<Classifier> classifier();
}
