package dev.hearth.spi;

/**
 * How a token chooses its experts.
 *
 * @param expertCount experts used by a token
 * @param normalised whether the weights of the chosen experts are scaled to sum to one
 */
public record RoutingSpec(int expertCount, boolean normalised) {}
