package dev.hearth;

import java.util.List;
import java.util.OptionalDouble;

/**
 * A token and how likely the model found it, from the model's own logits before any setting of the sampler.
 *
 * @param logprob natural logarithm; empty for the first token of a scored text, which nothing precedes
 * @param top the likeliest tokens at this place, likeliest first, as many as were asked for
 */
public record TokenScore(int id, OptionalDouble logprob, List<Alternative> top) {
    /** A token that could have stood here. */
    public record Alternative(int id, double logprob) {}

    /** Copies the list. */
    public TokenScore {
        top = List.copyOf(top);
    }
}
