package dev.hearth.spi;

import org.jspecify.annotations.Nullable;

/**
 * What a scan learns beside its projections, all F32.
 *
 * @param decay [heads, 1] or [heads, stateSize]: negative rates
 * @param skip [heads]: factor of the input in the output
 * @param stepBias [heads], added to steps; null adds nothing
 */
public record ScanWeights(
        Weight decay, Weight skip, @Nullable Weight stepBias) {}
