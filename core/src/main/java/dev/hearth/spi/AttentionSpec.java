package dev.hearth.spi;

import org.jspecify.annotations.Nullable;

/**
 * Attention of one layer.
 *
 * @param headCount query heads; a multiple of the key heads, which serve neighbouring query heads in groups
 * @param scale factor of query · key
 * @param softcap scores become softcap * tanh(score / softcap); 0 for none
 * @param window a token sees itself and the window - 1 positions before it; {@link #NO_WINDOW} for all
 * @param ahead positions after its own that a token sees at most: 0 for causal attention, {@link #NO_WINDOW} for all that
 *     {@link Batch#ends} allows
 * @param chunk a token sees positions of its own chunk of so many alone; {@link #NO_WINDOW} for all
 * @param sinks F32 [headCount]: a score of each head that takes part in the softmax and has no value; null for none. Xiao and
 *     others 2023, arXiv:2309.17453, in the form of arXiv:2508.10925, section 2.2
 * @param slopes F32 [headCount]: what a head's score loses for each position between key and query; null for none. Press and
 *     others 2021, arXiv:2108.12409
 * @param relative what scores gain by content and distance; null for none
 */
public record AttentionSpec(
        int headCount,
        float scale,
        float softcap,
        int window,
        int ahead,
        int chunk,
        @Nullable Weight sinks,
        @Nullable Weight slopes,
        @Nullable RelativeTerms relative) {
    /** Every position is seen. */
    public static final int NO_WINDOW = Integer.MAX_VALUE;

    /** Causal, without chunks, sinks, slopes and relative terms. */
    public AttentionSpec(int headCount, float scale, float softcap, int window) {
        this(headCount, scale, softcap, window, 0, NO_WINDOW, null, null, null);
    }

    /** The same with another window. */
    public AttentionSpec withWindow(int positions) {
        return new AttentionSpec(headCount, scale, softcap, positions, ahead, chunk, sinks, slopes, relative);
    }

    /** The same with another bound on later positions. */
    public AttentionSpec withAhead(int positions) {
        return new AttentionSpec(headCount, scale, softcap, window, positions, chunk, sinks, slopes, relative);
    }

    /** The same in both directions: the window holds after a token as it does before. */
    public AttentionSpec bothWays() {
        return withAhead(window == NO_WINDOW ? NO_WINDOW : window - 1);
    }

    /** The same in chunks. */
    public AttentionSpec withChunk(int positions) {
        return new AttentionSpec(headCount, scale, softcap, window, ahead, positions, sinks, slopes, relative);
    }

    /** The same with another scale. */
    public AttentionSpec withScale(float other) {
        return new AttentionSpec(headCount, other, softcap, window, ahead, chunk, sinks, slopes, relative);
    }

    /** The same with sinks. */
    public AttentionSpec withSinks(@Nullable Weight others) {
        return new AttentionSpec(headCount, scale, softcap, window, ahead, chunk, others, slopes, relative);
    }

    /** The same with slopes. */
    public AttentionSpec withSlopes(@Nullable Weight others) {
        return new AttentionSpec(headCount, scale, softcap, window, ahead, chunk, sinks, others, relative);
    }

    /** The same with relative terms. */
    public AttentionSpec withRelative(@Nullable RelativeTerms others) {
        return new AttentionSpec(headCount, scale, softcap, window, ahead, chunk, sinks, slopes, others);
    }

    /** The first position that a token at {@code position} sees. */
    public int firstVisible(int position) {
        return Math.max(Math.max(0, position - window + 1), position / chunk * chunk);
    }

    /** The last position that a token at {@code position} sees where positions up to {@code end} may be seen. */
    public int lastVisible(int position, int end) {
        long chunkEnd = ((long) position / chunk + 1) * chunk - 1;
        return (int) Math.min(Math.min(end, (long) position + ahead), chunkEnd);
    }
}
