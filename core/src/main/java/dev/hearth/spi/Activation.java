package dev.hearth.spi;

/**
 * A function of one number, for {@link Ops#gate} and {@link Ops#activate};
 * {@link dev.hearth.spi.reference.ScalarActivations} says how each is rounded.
 */
public enum Activation {
    /** x / (1 + exp(-x)); Elfwing and others 2017, arXiv:1702.03118. */
    SILU,
    /** The tanh form of GELU, as x / (1 + exp(-2u)), u = sqrt(2 / pi) * (x + 0.044715 x^3); Hendrycks and Gimpel 2016, arXiv:1606.08415. */
    GELU_TANH,
    /** GELU itself, x times the normal distribution function of x: x * (1 + erf(x / sqrt(2))) / 2; the same paper. */
    GELU,
    /** The sigmoid form of GELU, x / (1 + exp(-1.702 x)); the same paper, section 2. */
    QUICK_GELU,
    /** The greater of x and 0, of which a NaN stays one. */
    RELU,
    /** The square of {@link #RELU}; So and others 2021, arXiv:2109.08668. */
    RELU_SQUARED,
    /** 1 / (1 + exp(-x)). */
    SIGMOID
}
