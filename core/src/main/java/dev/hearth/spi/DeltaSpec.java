package dev.hearth.spi;

/**
 * The gated delta rule; Yang and others 2024, arXiv:2412.06464. Each key head serves the same number of value heads.
 *
 * @param sharing which of them
 * @param stateOffset first F32 of the layer's state that holds [value heads, keyDim, valueDim]
 */
public record DeltaSpec(
        int keyHeadCount, int valueHeadCount, int keyDim, int valueDim, Sharing sharing, int stateOffset) {
    /** Which value heads share a key head. */
    public enum Sharing {
        /** Neighbours: value head h uses key head h / (value heads / key heads). */
        NEIGHBOURS,
        /** Those in the same place of every turn: value head h uses key head h mod key heads. */
        TURNS
    }

    /** The key head that a value head uses. */
    public int keyHead(int valueHead) {
        return sharing == Sharing.TURNS ? valueHead % keyHeadCount : valueHead / (valueHeadCount / keyHeadCount);
    }
}
