package dev.hearth.model;

import dev.hearth.spi.RopeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The rotary embedding of some layers.
 *
 * @param base theta
 * @param rotaryDim elements of a head that turn, even
 */
public record RopeConfig(double base, int rotaryDim, RopeScaling scaling, RopeSpec.Pairing pairing) {
    /** The same with other pairs. */
    public RopeConfig withPairing(RopeSpec.Pairing other) {
        return new RopeConfig(base, rotaryDim, scaling, other);
    }

    /** The same with another base. */
    public RopeConfig withBase(double other) {
        return new RopeConfig(other, rotaryDim, scaling, pairing);
    }

    /** The same with another number of elements that turn. */
    public RopeConfig withRotaryDim(int elements) {
        return new RopeConfig(base, elements, scaling, pairing);
    }

    /** The same with another scaling. */
    public RopeConfig withScaling(RopeScaling other) {
        return new RopeConfig(base, rotaryDim, other, pairing);
    }

    /** The same without YaRN's attention factor. */
    public RopeConfig withoutMagnitude() {
        return scaling instanceof RopeScaling.Yarn y
                ? withScaling(new RopeScaling.Yarn(
                        y.factor(),
                        y.originalContext(),
                        y.betaFast(),
                        y.betaSlow(),
                        OptionalDouble.of(1),
                        y.truncate()))
                : this;
    }

    /** By how much the scaling divides the frequency of each pair, for an engine whose sequences reach {@code context} positions. */
    public List<Double> divisors(int context) {
        List<Double> divisors = new ArrayList<>();
        for (int i = 0; i < rotaryDim / 2; i++) {
            double frequency = Math.pow(base, -2.0 * i / rotaryDim);
            divisors.add(frequency / scaled(frequency, i, context));
        }
        return List.copyOf(divisors);
    }

    /** The rotation for an engine whose sequences reach {@code context} positions. */
    public RopeSpec spec(int headDim, int context) {
        return new RopeSpec(headDim, inverseFrequencies(context), (float) magnitude(), pairing);
    }

    private float[] inverseFrequencies(int context) {
        int pairs = rotaryDim / 2;
        float[] frequencies = new float[pairs];
        double effectiveBase = effectiveBase(context);
        for (int i = 0; i < pairs; i++) {
            double frequency = Math.pow(effectiveBase, -2.0 * i / rotaryDim);
            frequencies[i] = (float) scaled(frequency, i, context);
        }
        return frequencies;
    }

    private double effectiveBase(int context) {
        if (scaling instanceof RopeScaling.Dynamic d && context > d.originalContext()) {
            double stretch = d.factor() * context / d.originalContext() - (d.factor() - 1);
            return base * Math.pow(stretch, rotaryDim / (rotaryDim - 2.0));
        }
        if (scaling instanceof RopeScaling.Alpha a) {
            return base * Math.pow(a.alpha(), rotaryDim / (rotaryDim - 2.0));
        }
        return base;
    }

    private double scaled(double frequency, int pair, int context) {
        return switch (scaling) {
            case RopeScaling.None none -> frequency;
            case RopeScaling.Dynamic dynamic -> frequency;
            case RopeScaling.Alpha alpha -> frequency;
            case RopeScaling.Proportional p -> pair < (int) (p.part() * rotaryDim / 2) ? frequency / p.factor() : 0;
            case RopeScaling.Linear linear -> frequency / linear.factor();
            case RopeScaling.Llama3 llama -> llama3(frequency, llama);
            case RopeScaling.Yarn yarn -> yarn(frequency, pair, yarn);
            case RopeScaling.LongRope longRope ->
                frequency / longRope.factors(context).get(pair);
            case RopeScaling.Factors factors -> frequency / factors.factors().get(pair);
        };
    }

    private static double llama3(double frequency, RopeScaling.Llama3 s) {
        double turns = s.originalContext() * frequency / (2 * Math.PI); // within the original context
        if (turns < s.lowFrequencyFactor()) {
            return frequency / s.factor();
        }
        if (turns > s.highFrequencyFactor()) {
            return frequency;
        }
        double smooth = (turns - s.lowFrequencyFactor()) / (s.highFrequencyFactor() - s.lowFrequencyFactor());
        return (1 - smooth) * frequency / s.factor() + smooth * frequency;
    }

    private double yarn(double frequency, int pair, RopeScaling.Yarn s) {
        double low = pairThatTurns(s.betaFast(), s.originalContext());
        double high = pairThatTurns(s.betaSlow(), s.originalContext());
        low = Math.max(s.truncate() ? Math.floor(low) : low, 0);
        high = Math.min(s.truncate() ? Math.ceil(high) : high, rotaryDim - 1);
        double ramp = Math.clamp((pair - low) / (low == high ? 0.001 : high - low), 0, 1);
        return frequency / s.factor() * ramp + frequency * (1 - ramp);
    }

    /** The pair, as a real number, that makes so many turns within a context. */
    private double pairThatTurns(double turns, int context) {
        return rotaryDim * Math.log(context / (turns * 2 * Math.PI)) / (2 * Math.log(base));
    }

    private double magnitude() {
        return switch (scaling) {
            case RopeScaling.Yarn yarn -> yarn.attentionFactor().orElse(yarnMagnitude(yarn.factor(), 1));
            case RopeScaling.LongRope longRope -> longRope.attentionFactor();
            default -> 1;
        };
    }

    /** YaRN's attention factor for a stretch. */
    public static double yarnMagnitude(double factor, double scale) {
        return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
    }
}
