package dev.hearth.spi;

import dev.hearth.tensor.Shape;
import java.util.List;

/**
 * Gated feed-forward experts, all of one shape: down · (activation(gate · x) * (up · x)).
 *
 * @param gate [expert size, hidden] each
 * @param up [expert size, hidden] each
 * @param down [hidden, expert size] each
 */
public record ExpertWeights(List<Weight> gate, List<Weight> up, List<Weight> down, Activation activation) {
    /** Checks that there are experts and that they are of one shape; copies the lists. */
    public ExpertWeights {
        gate = List.copyOf(gate);
        up = List.copyOf(up);
        down = List.copyOf(down);
        if (gate.isEmpty() || up.size() != gate.size() || down.size() != gate.size()) {
            throw new IllegalArgumentException("experts: expected as many gates, ups and downs, at least one, found "
                    + gate.size() + ", " + up.size() + ", " + down.size());
        }
        Shape inner = gate.getFirst().shape();
        Shape outer = Shape.of(inner.width(), inner.rows());
        for (int i = 0; i < gate.size(); i++) {
            if (!gate.get(i).shape().equals(inner)
                    || !up.get(i).shape().equals(inner)
                    || !down.get(i).shape().equals(outer)) {
                throw new IllegalArgumentException("experts: expert " + i + ": expected gate and up " + inner
                        + " and down " + outer + ", found " + gate.get(i).shape() + ", "
                        + up.get(i).shape() + ", "
                        + down.get(i).shape());
            }
        }
    }

    /** Elements between the two products of an expert. */
    public long size() {
        return gate.getFirst().shape().rows();
    }
}
