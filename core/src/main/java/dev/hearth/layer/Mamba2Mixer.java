package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.spi.Activation;
import dev.hearth.tensor.Tensor;
import java.util.List;

/** Mamba 2's state space, a decay a head; Dao and Gu 2024, arXiv:2405.21060, section 7. */
public final class Mamba2Mixer implements TokenMixer {
    /** Factors of the parts of the first product. */
    public record Factors(float gate, float channels, float b, float c, float steps) {
        /** They change nothing. */
        public static final Factors NONE = new Factors(1, 1, 1, 1, 1);

        /** Five of them in this order. */
        public static Factors of(List<Double> five) {
            return new Factors(
                    five.get(0).floatValue(),
                    five.get(1).floatValue(),
                    five.get(2).floatValue(),
                    five.get(3).floatValue(),
                    five.get(4).floatValue());
        }
    }

    private enum Order {
        GATE_THEN_NORM,
        NORM_THEN_GATE
    }

    private final Linear input;
    private final Convolution convolution;
    private final Scan scan;
    private final Linear output;
    private final List<Norm> norms; // one a group of neighbouring channels; none for no norm
    private final Order order;
    private final Factors factors;

    private Mamba2Mixer(
            Linear input,
            Convolution convolution,
            Scan scan,
            Linear output,
            List<? extends Norm> norms,
            Order order,
            Factors factors) {
        this.input = input;
        this.convolution = convolution;
        this.scan = scan;
        this.output = output;
        this.norms = List.copyOf(norms);
        this.order = order;
        this.factors = factors;
    }

    /**
     * The mixer.
     *
     * @param input from [hidden] to the gates, then what is convolved, channels, b and c of all groups, then the steps
     * @param output from [channels] to [hidden]
     */
    public static Mamba2Mixer of(Linear input, Convolution convolution, Scan scan, Linear output) {
        return new Mamba2Mixer(input, convolution, scan, output, List.of(), Order.GATE_THEN_NORM, Factors.NONE);
    }

    /** The same with the gated result normed, by a norm for each group of neighbouring channels. */
    public Mamba2Mixer withNorm(List<? extends Norm> groups) {
        return new Mamba2Mixer(input, convolution, scan, output, groups, Order.GATE_THEN_NORM, factors);
    }

    /** The same with the result normed before it is gated. */
    public Mamba2Mixer withNormBeforeGate(List<? extends Norm> groups) {
        return new Mamba2Mixer(input, convolution, scan, output, groups, Order.NORM_THEN_GATE, factors);
    }

    /** The same with factors. */
    public Mamba2Mixer withFactors(Factors other) {
        return new Mamba2Mixer(input, convolution, scan, output, norms, order, other);
    }

    @Override
    public Tensor forward(Tensor x, Step step) {
        long width = scan.width();
        long groups = scan.groupWidth();
        Tensor all = input.forward(x, step);
        Tensor gate = all.columns(0, width);
        Tensor channels = all.columns(width, width);
        Tensor b = all.columns(2 * width, groups);
        Tensor c = all.columns(2 * width + groups, groups);
        Tensor steps = all.columns(2 * (width + groups), scan.spec().headCount());
        scale(gate, factors.gate, step);
        scale(channels, factors.channels, step);
        scale(b, factors.b, step);
        scale(c, factors.c, step);
        scale(steps, factors.steps, step);
        Tensor convolved = all.columns(width, width + 2 * groups);
        convolution.into(convolved, convolved, step);
        scan.inPlace(channels, steps, b, c, step);
        if (order == Order.NORM_THEN_GATE) {
            norm(channels, step);
        }
        step.ops().gate(gate, gate, channels, Activation.SILU);
        if (order == Order.GATE_THEN_NORM) {
            norm(gate, step);
        }
        return output.forward(gate, step);
    }

    private void norm(Tensor x, Step step) {
        for (int group = 0; group < norms.size(); group++) {
            long size = x.width() / norms.size();
            norms.get(group).inPlace(x.columns(group * size, size), step);
        }
    }

    private static void scale(Tensor x, float factor, Step step) {
        if (factor != 1) {
            step.ops().scale(x, factor);
        }
    }
}
