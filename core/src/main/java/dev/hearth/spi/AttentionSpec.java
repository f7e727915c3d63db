package dev.hearth.spi;

import org.jspecify.annotations.Nullable;

/**
 * Causal attention of one layer.
 *
 * @param headCount query heads; a multiple of the key heads, which serve neighbouring query heads in groups
 * @param scale factor of query · key
 * @param softcap scores become softcap * tanh(score / softcap); 0 for none
 * @param window a token sees itself and the window - 1 positions before it; {@link #NO_WINDOW} for all
 * @param chunk a token sees positions of its own chunk of so many alone; {@link #NO_WINDOW} for all
 * @param sinks F32 [headCount]: a score of each head that takes part in the softmax and has no value; null for none. Xiao and
 *     others 2023, arXiv:2309.17453, in the form of arXiv:2508.10925, section 2.2
 */
public record AttentionSpec(
        int headCount,
        float scale,
        float softcap,
        int window,
        int chunk,
        @Nullable Weight sinks) {
    /** Every earlier position is seen. */
    public static final int NO_WINDOW = Integer.MAX_VALUE;

    /** Without chunks and sinks. */
    public AttentionSpec(int headCount, float scale, float softcap, int window) {
        this(headCount, scale, softcap, window, NO_WINDOW, null);
    }

    /** The same with another window. */
    public AttentionSpec withWindow(int positions) {
        return new AttentionSpec(headCount, scale, softcap, positions, chunk, sinks);
    }

    /** The same in chunks. */
    public AttentionSpec withChunk(int positions) {
        return new AttentionSpec(headCount, scale, softcap, window, positions, sinks);
    }

    /** The same with sinks. */
    public AttentionSpec withSinks(@Nullable Weight others) {
        return new AttentionSpec(headCount, scale, softcap, window, chunk, others);
    }

    /** The first position that a token at {@code position} sees. */
    public int firstVisible(int position) {
        return Math.max(Math.max(0, position - window + 1), position / chunk * chunk);
    }
}
