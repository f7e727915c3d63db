package dev.hearth.spi;

import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import java.util.List;

/**
 * Feed-forward experts, all of one shape: down · (gating of gate · x and up · x), each product plus its bias.
 *
 * @param gate [expert size, hidden] each; none where the gating is {@link Gating.Ungated}
 * @param up [expert size, hidden] each
 * @param down [hidden, expert size] each
 * @param share what an expert's weight multiplies
 */
public record ExpertWeights(
        List<Weight> gate, List<Weight> up, List<Weight> down, Biases biases, Gating gating, Share share) {
    /** What the weight of an expert, as routing gives it, multiplies. */
    public enum Share {
        /** Its result. */
        OF_OUTPUT,
        /** Its input. */
        OF_INPUT
    }

    /**
     * What is added to the products: of each kind none, or one an expert.
     *
     * @param gate F32 [expert size] each
     * @param up F32 [expert size] each
     * @param down F32 [hidden] each
     */
    public record Biases(List<Weight> gate, List<Weight> up, List<Weight> down) {
        /** Nothing is added. */
        public static final Biases NONE = new Biases(List.of(), List.of(), List.of());

        /** Copies the lists. */
        public Biases {
            gate = List.copyOf(gate);
            up = List.copyOf(up);
            down = List.copyOf(down);
        }
    }

    /** Checks that there are experts and that they are of one shape; copies the lists. */
    public ExpertWeights {
        gate = List.copyOf(gate);
        up = List.copyOf(up);
        down = List.copyOf(down);
        int gates = gating instanceof Gating.Ungated ? 0 : up.size();
        if (up.isEmpty() || gate.size() != gates || down.size() != up.size()) {
            throw new IllegalArgumentException("experts: expected as many gates, ups and downs, at least one, found "
                    + gate.size() + ", " + up.size() + ", " + down.size() + " and " + gating);
        }
        Shape inner = up.getFirst().shape();
        Shape outer = Shape.of(inner.width(), inner.rows());
        shapes("gate", gate, inner);
        shapes("up", up, inner);
        shapes("down", down, outer);
        check("gate", biases.gate, gates, inner.rows());
        check("up", biases.up, up.size(), inner.rows());
        check("down", biases.down, up.size(), inner.width());
    }

    private static void shapes(String what, List<Weight> weights, Shape expected) {
        for (int i = 0; i < weights.size(); i++) {
            if (!weights.get(i).shape().equals(expected)) {
                throw new IllegalArgumentException("experts: expert " + i + ": expected " + what + " " + expected
                        + ", found " + weights.get(i).shape());
            }
        }
    }

    /** Experts without gate and biases whose results are weighted: down · activation(up · x). */
    public static ExpertWeights ungated(List<Weight> up, List<Weight> down, Activation activation) {
        return new ExpertWeights(List.of(), up, down, Biases.NONE, new Gating.Ungated(activation), Share.OF_OUTPUT);
    }

    /** Number of experts. */
    public int count() {
        return up.size();
    }

    /** Experts without biases whose results are weighted. */
    public ExpertWeights(List<Weight> gate, List<Weight> up, List<Weight> down, Activation activation) {
        this(gate, up, down, Biases.NONE, new Gating.Activated(activation), Share.OF_OUTPUT);
    }

    /** The same with biases. */
    public ExpertWeights withBiases(Biases other) {
        return new ExpertWeights(gate, up, down, other, gating, share);
    }

    /** The same with another gating. */
    public ExpertWeights withGating(Gating other) {
        return new ExpertWeights(gate, up, down, biases, other, share);
    }

    /** The same with weights that multiply what {@code other} says. */
    public ExpertWeights withShare(Share other) {
        return new ExpertWeights(gate, up, down, biases, gating, other);
    }

    /** Elements between the two products of an expert. */
    public long size() {
        return up.getFirst().shape().rows();
    }

    private static void check(String what, List<Weight> biases, int experts, long size) {
        if (!biases.isEmpty() && biases.size() != experts) {
            throw new IllegalArgumentException(
                    "experts: expected no " + what + " biases or " + experts + ", found " + biases.size());
        }
        for (Weight bias : biases) {
            if (bias.type() != DType.F32 || bias.shape().elements() != size) {
                throw new IllegalArgumentException("experts: expected a " + what + " bias F32 [" + size + "], found "
                        + bias.type() + " " + bias.shape());
            }
        }
    }
}
