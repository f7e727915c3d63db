package dev.hearth.layer;

import dev.hearth.model.LayerPlan;
import dev.hearth.model.Step;
import dev.hearth.spi.ScanSpec;
import dev.hearth.spi.ScanWeights;
import dev.hearth.tensor.Tensor;

/** Mamba's recurrence over a planned layer's state. */
public record Scan(LayerPlan.Recurrent plan, ScanWeights weights, ScanSpec spec) {
    /** Channels of all heads. */
    long width() {
        return (long) spec.headCount() * spec.headDim();
    }

    /** Elements that a token writes into the states of all groups, and of what it reads from them. */
    long groupWidth() {
        return (long) spec.groupCount() * spec.stateSize();
    }

    /** Of [tokens, channels], in place; steps [tokens, heads], b and c [tokens, groups * state size]. */
    void inPlace(Tensor x, Tensor steps, Tensor b, Tensor c, Step step) {
        step.ops().scan(x, x, steps, b, c, weights, step.recurrent(plan), spec, step.batch());
    }
}
