package dev.hearth.spi;

/** The function that a gated layer applies to its gate. */
public enum Activation {
    /** x / (1 + exp(-x)); Elfwing and others 2017, arXiv:1702.03118. */
    SILU,
    /** The tanh form of GELU, as x / (1 + exp(-2u)), u = sqrt(2 / pi) * (x + 0.044715 x^3); Hendrycks and Gimpel 2016, arXiv:1606.08415. */
    GELU_TANH
}
