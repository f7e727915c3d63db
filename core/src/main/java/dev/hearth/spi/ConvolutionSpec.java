package dev.hearth.spi;

/**
 * A causal convolution of each channel with a filter of its own.
 *
 * @param kernelSize inputs that an output sees, the last of them its own
 * @param silu whether the result goes through SiLU
 * @param stateOffset first F32 of the layer's state that holds [channels, kernelSize - 1]: the inputs before the step, oldest first
 */
public record ConvolutionSpec(int kernelSize, boolean silu, int stateOffset) {}
