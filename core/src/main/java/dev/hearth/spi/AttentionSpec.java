package dev.hearth.spi;

/**
 * Causal attention of one layer.
 *
 * @param headCount query heads; a multiple of the key heads, which serve neighbouring query heads in groups
 * @param scale factor of query · key
 * @param softcap scores become softcap * tanh(score / softcap); 0 for none
 * @param window a token sees itself and the window - 1 positions before it; {@link #NO_WINDOW} for all
 */
public record AttentionSpec(int headCount, float scale, float softcap, int window) {
    /** Every earlier position is seen. */
    public static final int NO_WINDOW = Integer.MAX_VALUE;

    /** The first position that a token at {@code position} sees. */
    public int firstVisible(int position) {
        return Math.max(0, position - window + 1);
    }
}
