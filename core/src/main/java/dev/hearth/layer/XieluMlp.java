package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.spi.RowFunction;
import dev.hearth.tensor.Tensor;

/** {@code down · xielu(up · x)}, a feed-forward layer whose activation has learned parameters; arXiv:2411.13010. */
public record XieluMlp(RowFunction.Xielu activation, Linear up, Linear down) implements FeedForward {
    @Override
    public Tensor forward(Tensor x, Step step) {
        Tensor h = up.forward(x, step);
        step.ops().map(h, h, activation);
        return down.forward(h, step);
    }
}
