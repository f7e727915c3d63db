package dev.hearth.spi;

import java.util.List;

/**
 * Gated feed-forward experts, all of one shape: down · (activation(gate · x) * (up · x)).
 *
 * @param gate [expert size, hidden] each
 * @param up [expert size, hidden] each
 * @param down [hidden, expert size] each
 */
public record ExpertWeights(List<Weight> gate, List<Weight> up, List<Weight> down, Activation activation) {
    /** Elements between the two products of an expert. */
    public long size() {
        return gate.getFirst().shape().rows();
    }
}
