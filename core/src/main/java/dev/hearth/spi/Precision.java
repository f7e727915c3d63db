package dev.hearth.spi;

import dev.hearth.tensor.DType;

/** How much an engine may round between the weights of a file and its answer. */
public enum Precision {
    /** Activations and the cache stay F32; quantised weights count as the F32 values they stand for. */
    EXACT,
    /** Activations are rounded to int8 where the weights are block-quantised, to BF16 where they are BF16; the cache is F16. */
    FAST;

    /** The type activations take before they meet weights of {@code weight}. */
    public DType activation(DType weight) {
        if (this == EXACT) {
            return DType.F32;
        }
        return switch (weight) {
            case Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, IQ4_NL, MXFP4 -> DType.A8_32;
            case Q4_K,
                    Q6_K,
                    Q2_K,
                    Q3_K,
                    Q5_K,
                    IQ4_XS,
                    TQ1_0,
                    TQ2_0,
                    IQ1_S,
                    IQ1_M,
                    IQ2_XXS,
                    IQ2_XS,
                    IQ2_S,
                    IQ3_XXS,
                    IQ3_S -> DType.A8_256;
            case BF16 -> DType.BF16;
            case F32, F16, NVFP4 -> DType.F32;
            case I32, A8_32, A8_256 -> throw new IllegalArgumentException("linear: no weight is of type " + weight);
        };
    }

    /** The type of keys and values, unless another is asked for. */
    public CacheType cache() {
        return this == EXACT ? CacheType.F32 : CacheType.F16;
    }
}
