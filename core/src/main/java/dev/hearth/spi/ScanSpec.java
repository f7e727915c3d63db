package dev.hearth.spi;

/**
 * The state-space recurrence of Mamba; Gu and Dao 2023, arXiv:2312.00752; Dao and Gu 2024, arXiv:2405.21060.
 *
 * @param headDim channels of a head; 1 for the first Mamba
 * @param stateSize numbers that each channel keeps
 * @param groupCount groups of neighbouring heads that share input and output projections
 * @param minStep least step size after softplus
 * @param maxStep greatest
 * @param stateOffset first F32 of the layer's state that holds [heads, headDim, stateSize]
 */
public record ScanSpec(
        int headCount, int headDim, int stateSize, int groupCount, float minStep, float maxStep, int stateOffset) {}
