package dev.hearth.model;

import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** One layer of a decoder. */
public interface DecoderBlock {
    /**
     * All [tokens, hidden]. Adds {@code delta} and what comes before the last part to {@code residual}; returns what the next
     * norm is to add to it, null for nothing. The first layer gets no delta.
     */
    @Nullable
    Tensor forward(Tensor residual, @Nullable Tensor delta, Step step);
}
