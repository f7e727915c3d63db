package dev.hearth.spi;

/**
 * The gated delta rule; Yang and others 2024, arXiv:2412.06464. Each key head serves neighbouring value heads.
 *
 * @param stateOffset first F32 of the layer's state that holds [value heads, keyDim, valueDim]
 */
public record DeltaSpec(int keyHeadCount, int valueHeadCount, int keyDim, int valueDim, int stateOffset) {}
