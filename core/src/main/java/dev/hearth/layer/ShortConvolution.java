package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.tensor.Tensor;

/**
 * A convolution gated before and after: {@code output · (c * convolve(b * x))}; Liquid AI 2025, arXiv:2511.23404, section 2.
 *
 * @param input to [b, c, x], each as wide as the convolution
 */
public record ShortConvolution(Linear input, Convolution convolution, Linear output) implements TokenMixer {
    @Override
    public Tensor forward(Tensor x, Step step) {
        Tensor parts = input.forward(x, step);
        long width = parts.width() / 3;
        Tensor gated = parts.columns(2 * width, width);
        step.ops().multiply(gated, parts.columns(0, width));
        convolution.into(gated, gated, step);
        step.ops().multiply(gated, parts.columns(width, width));
        return output.forward(gated, step);
    }
}
