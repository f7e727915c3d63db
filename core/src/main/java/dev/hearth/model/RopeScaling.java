package dev.hearth.model;

import java.util.List;
import java.util.OptionalDouble;

/** How a model stretches its rotary embedding beyond the context it was first trained with; names as in {@code rope_type}. */
public sealed interface RopeScaling {
    /** No scaling. */
    record None() implements RopeScaling {}

    /** Every frequency divided by the factor. */
    record Linear(double factor) implements RopeScaling {}

    /** NTK-aware base that grows once the context exceeds the trained one. */
    record Dynamic(double factor, int originalContext) implements RopeScaling {}

    /** Llama 3.1: long wavelengths divided by the factor, short ones kept, a ramp between. */
    record Llama3(double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalContext)
            implements RopeScaling {}

    /**
     * YaRN; Peng and others 2023, arXiv:2309.00071.
     *
     * @param attentionFactor factor of cosine and sine; empty for 0.1 ln(factor) + 1
     * @param truncate whether the ramp's ends are rounded to whole pairs
     */
    record Yarn(
            double factor,
            int originalContext,
            double betaFast,
            double betaSlow,
            OptionalDouble attentionFactor,
            boolean truncate)
            implements RopeScaling {}

    /**
     * LongRoPE; Ding and others 2024, arXiv:2402.13753. One divisor a pair: the long ones if the engine's context exceeds the
     * original one, else the short ones.
     */
    record LongRope(List<Double> shortFactors, List<Double> longFactors, int originalContext, double attentionFactor)
            implements RopeScaling {
        /** Divisors for an engine's context. */
        List<Double> factors(int context) {
            return context > originalContext ? longFactors : shortFactors;
        }
    }

    /** Only the first part of the pairs turns, at frequencies of the whole head divided by the factor. Gemma 4. */
    record Proportional(double part, double factor) implements RopeScaling {}

    /** NTK-aware base for a fixed stretch alpha: base * alpha^(d / (d - 2)). HunYuan. */
    record Alpha(double alpha) implements RopeScaling {}

    /** One divisor a pair, as GGUF files carry them in {@code rope_freqs}. */
    record Factors(List<Double> factors) implements RopeScaling {}
}
