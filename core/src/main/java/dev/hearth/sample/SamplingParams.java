package dev.hearth.sample;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * How a token is chosen from logits; immutable. The steps run in the order that {@link Sampler} gives. The defaults leave the
 * model's distribution as it is.
 *
 * @param temperature divides the logits; 0 takes the largest logit and draws nothing; default 1
 * @param dynamicTemperature lets the temperature follow the entropy; default empty: it is fixed
 * @param truncation which tokens are left to draw from; default all
 * @param repetitionPenalty divides a positive logit, and multiplies a negative one, of each token in prompt or output; above 0,
 *     default 1; Keskar and others 2019, arXiv:1909.05858, section 4.1, as Hugging Face extends it to negative logits
 * @param frequencyPenalty times the number of occurrences in the output alone, subtracted from a token's logit; default 0; the
 *     OpenAI API's
 * @param presencePenalty subtracted once from the logit of each token in the output alone; default 0; the OpenAI API's
 * @param penaltyWindow how many of the last tokens the three penalties look at; 0, the default, for all; llama.cpp's
 *     --repeat-last-n
 * @param dry penalises repeated sequences; default empty: doesn't
 * @param noRepeatNgramSize rules out tokens that would repeat so many in a row, from prompt or output; 0, the default, rules
 *     out none; Paulus and others 2017, arXiv:1705.04304, section 2.5, as Hugging Face does it
 * @param logitBias added to the logits of these tokens; negative infinity rules a token out; the OpenAI API's
 * @param allowedTokens rules out all others, those that end the output too; empty, the default, allows all; vLLM's
 *     allowed_token_ids
 * @param bannedTokens ruled out; Hugging Face's suppress_tokens
 * @param bannedWords each is ruled out at its last token, where prompt and output end with those before it; Hugging Face's
 *     bad_words_ids
 * @param minTokens tokens of output before one may come that ends it; default 0
 * @param seed of the random draws; if empty the caller picks one
 * @param logprobs how many of the likeliest tokens to report with their logprobs; 0 reports the chosen token's alone; empty,
 *     the default, reports none and saves the work
 */
public record SamplingParams(
        double temperature,
        Optional<DynamicTemperature> dynamicTemperature,
        Truncation truncation,
        double repetitionPenalty,
        double frequencyPenalty,
        double presencePenalty,
        int penaltyWindow,
        Optional<Dry> dry,
        int noRepeatNgramSize,
        Map<Integer, Float> logitBias,
        Set<Integer> allowedTokens,
        Set<Integer> bannedTokens,
        List<Word> bannedWords,
        int minTokens,
        OptionalLong seed,
        OptionalInt logprobs) {
    /** @throws IllegalArgumentException if a value is outside its range */
    public SamplingParams {
        check(temperature >= 0 && Double.isFinite(temperature), "temperature", "a finite number from 0", temperature);
        check(
                repetitionPenalty > 0 && Double.isFinite(repetitionPenalty),
                "repetitionPenalty",
                "a finite number above 0",
                repetitionPenalty);
        check(Double.isFinite(frequencyPenalty), "frequencyPenalty", "a finite number", frequencyPenalty);
        check(Double.isFinite(presencePenalty), "presencePenalty", "a finite number", presencePenalty);
        check(penaltyWindow >= 0, "penaltyWindow", "0 (all) or more", penaltyWindow);
        check(noRepeatNgramSize >= 0, "noRepeatNgramSize", "0 (none) or more", noRepeatNgramSize);
        logitBias = Map.copyOf(logitBias);
        logitBias.forEach((token, bias) -> {
            check(token >= 0, "logitBias", "token ids from 0", token);
            check(bias < Float.POSITIVE_INFINITY, "logitBias[" + token + "]", "a number below infinity", bias);
        });
        allowedTokens = Set.copyOf(allowedTokens);
        allowedTokens.forEach(token -> check(token >= 0, "allowedTokens", "token ids from 0", token));
        bannedTokens = Set.copyOf(bannedTokens);
        bannedTokens.forEach(token -> check(token >= 0, "bannedTokens", "token ids from 0", token));
        bannedWords = List.copyOf(bannedWords);
        check(minTokens >= 0, "minTokens", "0 or more", minTokens);
        check(logprobs.isEmpty() || logprobs.getAsInt() >= 0, "logprobs", "0 or more", logprobs.orElse(0));
    }

    private static void check(boolean holds, String name, String expected, Number found) {
        ParamCheck.check(holds, "SamplingParams: " + name, expected, found);
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
        builder.dynamicTemperature = dynamicTemperature;
        builder.topNSigma = truncation.topNSigma();
        builder.topH = truncation.topH();
        builder.topK = truncation.topK();
        builder.topP = truncation.topP();
        builder.topPDecay = truncation.topPDecay();
        builder.minP = truncation.minP();
        builder.typicalP = truncation.typicalP();
        builder.epsilonCutoff = truncation.epsilonCutoff();
        builder.etaCutoff = truncation.etaCutoff();
        builder.xtc = truncation.xtc();
        builder.mirostat = truncation.mirostat();
        builder.repetitionPenalty = repetitionPenalty;
        builder.frequencyPenalty = frequencyPenalty;
        builder.presencePenalty = presencePenalty;
        builder.penaltyWindow = penaltyWindow;
        builder.dry = dry;
        builder.noRepeatNgramSize = noRepeatNgramSize;
        builder.logitBias = logitBias;
        builder.allowedTokens = allowedTokens;
        builder.bannedTokens = bannedTokens;
        builder.bannedWords = bannedWords;
        builder.minTokens = minTokens;
        builder.seed = seed;
        builder.logprobs = logprobs;
        return builder;
    }

    /** Whether anything is set that changes what a draw at random gives. */
    public boolean draws() {
        return temperature != 0 && temperature != 1
                || dynamicTemperature.isPresent()
                || !truncation.equals(builder().build().truncation);
    }

    /** Whether what was said before changes the logits by a penalty on single tokens. */
    boolean penalises() {
        return repetitionPenalty != 1 || frequencyPenalty != 0 || presencePenalty != 0;
    }

    /** Whether tokens may be ruled out, besides by a bias. */
    boolean rulesOut() {
        return !allowedTokens.isEmpty()
                || !bannedTokens.isEmpty()
                || !bannedWords.isEmpty()
                || noRepeatNgramSize > 0
                || minTokens > 0;
    }

    /** Collects values, which {@link #build} checks. Not thread-safe. */
    public static final class Builder {
        private double temperature = 1;
        private Optional<DynamicTemperature> dynamicTemperature = Optional.empty();
        private double topNSigma;
        private double topH = 1;
        private int topK;
        private double topP = 1;
        private Optional<TopPDecay> topPDecay = Optional.empty();
        private double minP;
        private double typicalP = 1;
        private double epsilonCutoff;
        private double etaCutoff;
        private Optional<Xtc> xtc = Optional.empty();
        private Optional<Mirostat> mirostat = Optional.empty();
        private double repetitionPenalty = 1;
        private double frequencyPenalty;
        private double presencePenalty;
        private int penaltyWindow;
        private Optional<Dry> dry = Optional.empty();
        private int noRepeatNgramSize;
        private Map<Integer, Float> logitBias = Map.of();
        private Set<Integer> allowedTokens = Set.of();
        private Set<Integer> bannedTokens = Set.of();
        private List<Word> bannedWords = List.of();
        private int minTokens;
        private OptionalLong seed = OptionalLong.empty();
        private OptionalInt logprobs = OptionalInt.empty();

        private Builder() {}

        /** See {@link SamplingParams#temperature}. */
        public Builder temperature(double value) {
            temperature = value;
            return this;
        }

        /** See {@link SamplingParams#dynamicTemperature}. */
        public Builder dynamicTemperature(DynamicTemperature value) {
            dynamicTemperature = Optional.of(value);
            return this;
        }

        /** See {@link Truncation#topNSigma}. */
        public Builder topNSigma(double value) {
            topNSigma = value;
            return this;
        }

        /** See {@link Truncation#topH}. */
        public Builder topH(double value) {
            topH = value;
            return this;
        }

        /** See {@link Truncation#topK}. */
        public Builder topK(int value) {
            topK = value;
            return this;
        }

        /** See {@link Truncation#topP}. */
        public Builder topP(double value) {
            topP = value;
            return this;
        }

        /** See {@link Truncation#topPDecay}. */
        public Builder topPDecay(TopPDecay value) {
            topPDecay = Optional.of(value);
            return this;
        }

        /** See {@link Truncation#minP}. */
        public Builder minP(double value) {
            minP = value;
            return this;
        }

        /** See {@link Truncation#typicalP}. */
        public Builder typicalP(double value) {
            typicalP = value;
            return this;
        }

        /** See {@link Truncation#epsilonCutoff}. */
        public Builder epsilonCutoff(double value) {
            epsilonCutoff = value;
            return this;
        }

        /** See {@link Truncation#etaCutoff}. */
        public Builder etaCutoff(double value) {
            etaCutoff = value;
            return this;
        }

        /** See {@link Truncation#xtc}. */
        public Builder xtc(Xtc value) {
            xtc = Optional.of(value);
            return this;
        }

        /**
         * See {@link Truncation#mirostat}. As it makes a truncation of its own, those set so far, such as the model's defaults, are
         * switched off; those set afterwards come before it.
         */
        public Builder mirostat(Mirostat value) {
            topNSigma = 0;
            topH = 1;
            topK = 0;
            topP = 1;
            topPDecay = Optional.empty();
            minP = 0;
            typicalP = 1;
            epsilonCutoff = 0;
            etaCutoff = 0;
            xtc = Optional.empty();
            mirostat = Optional.of(value);
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

        /** See {@link SamplingParams#penaltyWindow}. */
        public Builder penaltyWindow(int value) {
            penaltyWindow = value;
            return this;
        }

        /** See {@link SamplingParams#dry}. */
        public Builder dry(Dry value) {
            dry = Optional.of(value);
            return this;
        }

        /** See {@link SamplingParams#noRepeatNgramSize}. */
        public Builder noRepeatNgramSize(int value) {
            noRepeatNgramSize = value;
            return this;
        }

        /** See {@link SamplingParams#logitBias}. Replaces what was set before; copied by {@link #build}. */
        public Builder logitBias(Map<Integer, Float> value) {
            logitBias = value;
            return this;
        }

        /** See {@link SamplingParams#allowedTokens}. Replaces what was set before; copied by {@link #build}. */
        public Builder allowedTokens(Set<Integer> value) {
            allowedTokens = value;
            return this;
        }

        /** See {@link SamplingParams#bannedTokens}. Replaces what was set before; copied by {@link #build}. */
        public Builder bannedTokens(Set<Integer> value) {
            bannedTokens = value;
            return this;
        }

        /** See {@link SamplingParams#bannedWords}. Replaces what was set before; copied by {@link #build}. */
        public Builder bannedWords(List<Word> value) {
            bannedWords = value;
            return this;
        }

        /** See {@link SamplingParams#minTokens}. */
        public Builder minTokens(int value) {
            minTokens = value;
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
                    dynamicTemperature,
                    new Truncation(
                            topNSigma,
                            topH,
                            topK,
                            topP,
                            topPDecay,
                            minP,
                            typicalP,
                            epsilonCutoff,
                            etaCutoff,
                            xtc,
                            mirostat),
                    repetitionPenalty,
                    frequencyPenalty,
                    presencePenalty,
                    penaltyWindow,
                    dry,
                    noRepeatNgramSize,
                    logitBias,
                    allowedTokens,
                    bannedTokens,
                    bannedWords,
                    minTokens,
                    seed,
                    logprobs);
        }
    }
}
