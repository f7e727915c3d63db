package dev.hearth.sample;

import java.util.Set;

/**
 * Shrinks {@link Truncation#topP} with each token of the output: {@code p = max(p * decay, min)}, and back to its first value
 * after one of {@code resetTokens}, such as a full stop. Lee and others 2022, arXiv:2206.04624, "factual-nucleus sampling";
 * TensorRT-LLM's top_p_decay, top_p_min and top_p_reset_ids.
 *
 * @param decay above 0, up to 1
 * @param min from 0 to 1; at most topP
 * @param resetTokens after which it starts again
 */
public record TopPDecay(double decay, double min, Set<Integer> resetTokens) {
    /** @throws IllegalArgumentException if a value is outside its range */
    public TopPDecay {
        ParamCheck.check(decay > 0 && decay <= 1, "TopPDecay: decay", "a number above 0, up to 1", decay);
        ParamCheck.check(min >= 0 && min <= 1, "TopPDecay: min", "0 to 1", min);
        resetTokens = Set.copyOf(resetTokens);
        for (int token : resetTokens) {
            ParamCheck.check(token >= 0, "TopPDecay: resetTokens", "token ids from 0", token);
        }
    }
}
