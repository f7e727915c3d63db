package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.spi.Activation;
import dev.hearth.tensor.Tensor;

/** {@code down · activation(up · x)}, a feed-forward layer without gate; Vaswani and others 2017, arXiv:1706.03762, section 3.3. */
public final class Mlp implements FeedForward {
    private final Activation activation;
    private final Linear up;
    private final Linear down;

    private Mlp(Activation activation, Linear up, Linear down) {
        this.activation = activation;
        this.up = up;
        this.down = down;
    }

    /** The layer. */
    public static Mlp of(Activation activation, Linear up, Linear down) {
        return new Mlp(activation, up, down);
    }

    @Override
    public Tensor forward(Tensor x, Step step) {
        Tensor h = up.forward(x, step);
        step.ops().activate(h, activation);
        return down.forward(h, step);
    }
}
