package dev.hearth.sample;

import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How a token is chosen from logits; immutable. The steps run in the order that {@link Sampler} gives. The defaults leave the
 * model's distribution as it is.
 *
 * @param temperature divides the logits; 0 takes the largest logit and draws nothing; default 1
 * @param topK keeps this many of the likeliest tokens; 0, the default, keeps all
 * @param topP keeps the fewest of the likeliest tokens whose probabilities reach this, at least one; 0 to 1, default 1: all
 * @param minP keeps tokens at least this share as likely as the likeliest; 0 to 1, default 0: all
 * @param repetitionPenalty divides a positive logit, and multiplies a negative one, of each token in prompt or output; above 0,
 *     default 1; Keskar and others 2019, arXiv:1909.05858, section 4.1, as Hugging Face extends it to negative logits
 * @param frequencyPenalty times the number of occurrences in the output alone, subtracted from a token's logit; default 0
 * @param presencePenalty subtracted once from the logit of each token in the output alone; default 0
 * @param logitBias added to the logits of these tokens; negative infinity rules a token out
 * @param seed of the random draws; if empty the caller picks one
 * @param logprobs how many of the likeliest tokens to report with their logprobs; 0 reports the chosen token's alone; empty, the
 *     default, reports none and saves the work
 */
public record SamplingParams(
        double temperature,
        int topK,
        double topP,
        double minP,
        double repetitionPenalty,
        double frequencyPenalty,
        double presencePenalty,
        Map<Integer, Float> logitBias,
        OptionalLong seed,
        OptionalInt logprobs) {
    /** @throws IllegalArgumentException if a value is outside its range */
    public SamplingParams {
        check(temperature >= 0 && Double.isFinite(temperature), "temperature", "a finite number from 0", temperature);
        check(topK >= 0, "topK", "0 (all) or more", topK);
        check(topP >= 0 && topP <= 1, "topP", "0 to 1", topP);
        check(minP >= 0 && minP <= 1, "minP", "0 to 1", minP);
        check(
                repetitionPenalty > 0 && Double.isFinite(repetitionPenalty),
                "repetitionPenalty",
                "a finite number above 0",
                repetitionPenalty);
        check(Double.isFinite(frequencyPenalty), "frequencyPenalty", "a finite number", frequencyPenalty);
        check(Double.isFinite(presencePenalty), "presencePenalty", "a finite number", presencePenalty);
        logitBias = Map.copyOf(logitBias);
        logitBias.forEach((token, bias) -> {
            check(token >= 0, "logitBias", "token ids from 0", token);
            check(bias < Float.POSITIVE_INFINITY, "logitBias[" + token + "]", "a number below infinity", bias);
        });
        check(logprobs.isEmpty() || logprobs.getAsInt() >= 0, "logprobs", "0 or more", logprobs.orElse(0));
    }

    private static void check(boolean holds, String name, String expected, Number found) {
        if (!holds) {
            throw new IllegalArgumentException(
                    "SamplingParams: " + name + ": expected " + expected + ", found " + found);
        }
    }

    /** The largest logit, always. */
    public static SamplingParams greedy() {
        return builder().temperature(0).build();
    }

    /** A builder with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that starts from these values. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.temperature = temperature;
        builder.topK = topK;
        builder.topP = topP;
        builder.minP = minP;
        builder.repetitionPenalty = repetitionPenalty;
        builder.frequencyPenalty = frequencyPenalty;
        builder.presencePenalty = presencePenalty;
        builder.logitBias = logitBias;
        builder.seed = seed;
        builder.logprobs = logprobs;
        return builder;
    }

    /** Whether what was said before changes the logits. */
    boolean penalises() {
        return repetitionPenalty != 1 || frequencyPenalty != 0 || presencePenalty != 0;
    }

    /** Collects values, which {@link #build} checks. Not thread-safe. */
    public static final class Builder {
        private double temperature = 1;
        private int topK;
        private double topP = 1;
        private double minP;
        private double repetitionPenalty = 1;
        private double frequencyPenalty;
        private double presencePenalty;
        private Map<Integer, Float> logitBias = Map.of();
        private OptionalLong seed = OptionalLong.empty();
        private OptionalInt logprobs = OptionalInt.empty();

        private Builder() {}

        /** See {@link SamplingParams#temperature}. */
        public Builder temperature(double value) {
            temperature = value;
            return this;
        }

        /** See {@link SamplingParams#topK}. */
        public Builder topK(int value) {
            topK = value;
            return this;
        }

        /** See {@link SamplingParams#topP}. */
        public Builder topP(double value) {
            topP = value;
            return this;
        }

        /** See {@link SamplingParams#minP}. */
        public Builder minP(double value) {
            minP = value;
            return this;
        }

        /** See {@link SamplingParams#repetitionPenalty}. */
        public Builder repetitionPenalty(double value) {
            repetitionPenalty = value;
            return this;
        }

        /** See {@link SamplingParams#frequencyPenalty}. */
        public Builder frequencyPenalty(double value) {
            frequencyPenalty = value;
            return this;
        }

        /** See {@link SamplingParams#presencePenalty}. */
        public Builder presencePenalty(double value) {
            presencePenalty = value;
            return this;
        }

        /** See {@link SamplingParams#logitBias}. Replaces what was set before; copied by {@link #build}. */
        public Builder logitBias(Map<Integer, Float> value) {
            logitBias = value;
            return this;
        }

        /** See {@link SamplingParams#seed}. */
        public Builder seed(long value) {
            seed = OptionalLong.of(value);
            return this;
        }

        /** See {@link SamplingParams#logprobs}. */
        public Builder logprobs(int topCount) {
            logprobs = OptionalInt.of(topCount);
            return this;
        }

        /** The values. @throws IllegalArgumentException if one is outside its range */
        public SamplingParams build() {
            return new SamplingParams(
                    temperature,
                    topK,
                    topP,
                    minP,
                    repetitionPenalty,
                    frequencyPenalty,
                    presencePenalty,
                    logitBias,
                    seed,
                    logprobs);
        }
    }
}
