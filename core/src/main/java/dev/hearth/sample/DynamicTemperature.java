package dev.hearth.sample;

/**
 * A temperature that rises with the entropy of what may come next: cold where the model is sure, hot where it isn't. Of n tokens that
 * are not ruled out, with entropy H at temperature 1, it is {@code low + (high - low) * (H / ln(n)) ^ exponent}, with low and high
 * {@code range} below and above {@link SamplingParams#temperature}, and low at least 0. llama.cpp's {@code temp-ext}
 * (--dynatemp-range), which takes the entropy of what its truncations have left, as temperature comes last there.
 *
 * @param range of temperatures, both ways; above 0
 * @param exponent above 0; 1 is linear
 */
public record DynamicTemperature(double range, double exponent) {
    /** @throws IllegalArgumentException if a value is outside its range */
    public DynamicTemperature {
        ParamCheck.check(
                range > 0 && Double.isFinite(range), "DynamicTemperature: range", "a finite number above 0", range);
        ParamCheck.check(
                exponent > 0 && Double.isFinite(exponent),
                "DynamicTemperature: exponent",
                "a finite number above 0",
                exponent);
    }

    /** The temperature around {@code middle} for the entropy, in nats, of {@code count} tokens. */
    double at(double middle, double entropy, int count) {
        if (count < 2) {
            return middle;
        }
        double low = Math.max(0, middle - range);
        double share = Math.clamp(entropy / StrictMath.log(count), 0, 1); // rounding may leave the interval
        return low + (middle + range - low) * StrictMath.pow(share, exponent);
    }
}
