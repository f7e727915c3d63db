package dev.hearth.sample;

import java.util.List;
import java.util.OptionalDouble;

/**
 * What one step drew.
 *
 * @param token its id
 * @param logprob log-softmax of the model's own logits at {@code token}, before bias, penalties, temperature and truncation;
 *     absent unless {@link SamplingParams#logprobs} asks for it
 * @param top the likeliest tokens by the same measure, most likely first, lowest id first among equals; {@code token} is
 *     among them only if it is one of the likeliest
 */
public record Sampled(int token, OptionalDouble logprob, List<TokenLogprob> top) {
    /** Copies {@code top}. */
    public Sampled {
        top = List.copyOf(top);
    }
}
