package dev.hearth.spi;

/**
 * Root mean square norm, or layer norm, of each group of {@code groupSize} neighbours in a row.
 *
 * @param groupSize elements normed together, the row's width or a head's
 * @param epsilon added to the mean of squares, for a layer norm to the variance
 */
public record NormSpec(int groupSize, float epsilon) {}
