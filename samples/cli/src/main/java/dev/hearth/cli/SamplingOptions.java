package dev.hearth.cli;

import dev.hearth.Request;
import dev.hearth.sample.Dry;
import dev.hearth.sample.DynamicTemperature;
import dev.hearth.sample.Mirostat;
import dev.hearth.sample.SamplingParams;
import dev.hearth.sample.Word;
import dev.hearth.sample.Xtc;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How tokens are chosen; what is left alone is the model's own default. */
final class SamplingOptions {
    @Option(names = "--max-tokens", paramLabel = "N", description = "End after so many tokens.")
    @Nullable
    private Integer maxTokens;

    @Option(names = "--temperature", paramLabel = "T", description = "0 takes the likeliest token every time.")
    @Nullable
    private Double temperature;

    @Option(names = "--top-k", paramLabel = "K", description = "Only the K likeliest tokens.")
    @Nullable
    private Integer topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Only the likeliest tokens that together have probability P.")
    @Nullable
    private Double topP;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            description = "Only tokens with at least this part of the likeliest one's probability.")
    @Nullable
    private Double minP;

    @Option(
            names = {"--repetition-penalty", "--repeat-penalty"},
            paramLabel = "R",
            description = "Above 1 makes tokens that were there less likely.")
    @Nullable
    private Double repetitionPenalty;

    @Option(names = "--min-tokens", paramLabel = "N", description = "Nothing ends the answer within so many tokens.")
    @Nullable
    private Integer minTokens;

    @Option(
            names = "--top-nsigma",
            paramLabel = "N",
            description = "Only logits at most N standard deviations below the largest.")
    @Nullable
    private Double topNSigma;

    @Option(
            names = "--typical",
            paramLabel = "P",
            description = "Only the most typical tokens that together have probability P.")
    @Nullable
    private Double typicalP;

    @Option(
            names = "--dynatemp-range",
            paramLabel = "R",
            description = "Let the temperature follow the entropy, so far up and down.")
    @Nullable
    private Double dynatempRange;

    @Option(names = "--dynatemp-exp", paramLabel = "E", description = "The exponent of --dynatemp-range; 1 by default.")
    @Nullable
    private Double dynatempExponent;

    @Option(
            names = "--xtc-probability",
            paramLabel = "P",
            description = "Cut the likeliest tokens with this probability.")
    @Nullable
    private Double xtcProbability;

    @Option(
            names = "--xtc-threshold",
            paramLabel = "P",
            description = "The probability from which --xtc-probability cuts; 0.1 by default.")
    @Nullable
    private Double xtcThreshold;

    @Option(
            names = "--mirostat",
            paramLabel = "1|2",
            description = "Steer the surprise by mirostat 1 or 2, instead of other truncations.")
    @Nullable
    private Integer mirostat;

    @Option(
            names = "--mirostat-ent",
            paramLabel = "BITS",
            description = "The surprise that --mirostat aims at; 5 by default.")
    @Nullable
    private Double mirostatTau;

    @Option(names = "--mirostat-lr", paramLabel = "R", description = "How fast --mirostat learns; 0.1 by default.")
    @Nullable
    private Double mirostatEta;

    @Option(
            names = "--frequency-penalty",
            paramLabel = "F",
            description = "Taken from a token's logit for each time it was said.")
    @Nullable
    private Double frequencyPenalty;

    @Option(
            names = "--presence-penalty",
            paramLabel = "F",
            description = "Taken once from the logits of tokens that were said.")
    @Nullable
    private Double presencePenalty;

    @Option(
            names = "--repeat-last-n",
            paramLabel = "N",
            description = "How many of the last tokens the penalties look at; -1 for all, the default.")
    @Nullable
    private Integer penaltyWindow;

    @Option(names = "--dry-multiplier", paramLabel = "F", description = "Penalise repeated sequences by so much.")
    @Nullable
    private Double dryMultiplier;

    @Option(
            names = "--dry-base",
            paramLabel = "B",
            description = "How the penalty grows with each token repeated; 1.75 by default.")
    @Nullable
    private Double dryBase;

    @Option(
            names = "--dry-allowed-length",
            paramLabel = "N",
            description = "Tokens that may be repeated freely; 2 by default.")
    @Nullable
    private Integer dryAllowedLength;

    @Option(
            names = "--dry-penalty-last-n",
            paramLabel = "N",
            description = "How many of the last tokens count; -1 for all, the default.")
    @Nullable
    private Integer dryRange;

    @Option(names = "--no-repeat-ngram-size", paramLabel = "N", description = "Never the same N tokens twice.")
    @Nullable
    private Integer noRepeatNgramSize;

    @Option(
            names = "--dry-sequence-breaker",
            paramLabel = "TEXT",
            description =
                    "Repetitions don't reach across this text, in place of newline, :, \\\" and *; several times for several.")
    private String[] dryBreakers = {};

    @Option(names = "--ban", paramLabel = "TEXT", description = "Never this word; may be given several times.")
    private String[] banned = {};

    @Option(
            names = "--stop-pattern",
            paramLabel = "REGEX",
            description = "End before a match of this expression; may be given several times.")
    private Pattern[] stopPatterns = {};

    @Option(names = "--seed", paramLabel = "N", description = "The same seed gives the same tokens.")
    @Nullable
    private Long seed;

    @Option(names = "--stop", paramLabel = "TEXT", description = "End before this text; may be given several times.")
    private String[] stop = {};

    @Option(names = "--ignore-eos", description = "Go on where the model would end its turn.")
    private boolean ignoreEos;

    /** Sets them on a request. */
    Request.Builder apply(Request.Builder request) {
        if (maxTokens != null) {
            request.maxTokens(maxTokens);
        }
        if (seed != null) {
            request.seed(seed);
        }
        if (ignoreEos) {
            request.ignoreEos();
        }
        if (banned.length > 0) {
            request.bannedWords(banned);
        }
        return request.sampling(this::truncations)
                .sampling(this::penalties)
                .stop(stop)
                .stopPattern(stopPatterns);
    }

    private void truncations(SamplingParams.Builder params) {
        if (mirostat != null) { // first, as it switches off what is set before
            params.mirostat(new Mirostat(version(mirostat), or(mirostatTau, 5), or(mirostatEta, 0.1)));
        } else {
            together("--mirostat", mirostatTau, mirostatEta);
        }
        set(temperature, params::temperature);
        set(topNSigma, params::topNSigma);
        set(topK, params::topK);
        set(topP, params::topP);
        set(minP, params::minP);
        set(typicalP, params::typicalP);
        if (dynatempRange != null) {
            params.dynamicTemperature(new DynamicTemperature(dynatempRange, or(dynatempExponent, 1)));
        } else {
            together("--dynatemp-range", dynatempExponent);
        }
        if (xtcProbability != null) {
            params.xtc(new Xtc(xtcProbability, or(xtcThreshold, 0.1)));
        } else {
            together("--xtc-probability", xtcThreshold);
        }
    }

    private void penalties(SamplingParams.Builder params) {
        set(repetitionPenalty, params::repetitionPenalty);
        set(frequencyPenalty, params::frequencyPenalty);
        set(presencePenalty, params::presencePenalty);
        if (penaltyWindow != null) {
            params.penaltyWindow(window("--repeat-last-n", penaltyWindow));
        }
        set(noRepeatNgramSize, params::noRepeatNgramSize);
        set(minTokens, params::minTokens);
        if (dryMultiplier == null) {
            together("--dry-multiplier", dryBase, dryAllowedLength, dryRange);
            return;
        }
        Dry dry = Dry.of(dryMultiplier);
        dry = dry.withBase(or(dryBase, dry.base()))
                .withAllowedLength(dryAllowedLength == null ? dry.allowedLength() : dryAllowedLength)
                .withRange(dryRange == null ? dry.range() : window("--dry-penalty-last-n", dryRange));
        params.dry(
                dryBreakers.length == 0
                        ? dry
                        : dry.withBreakers(
                                Arrays.stream(dryBreakers).map(Word::of).toList()));
    }

    private static Mirostat.Version version(int number) {
        return switch (number) {
            case 1 -> Mirostat.Version.V1;
            case 2 -> Mirostat.Version.V2;
            default -> throw new IllegalArgumentException("--mirostat: expected 1 or 2, found " + number);
        };
    }

    /** llama.cpp's -1 as 0; its 0 would switch a penalty off. */
    private static int window(String name, int tokens) {
        if (tokens == 0 || tokens < -1) {
            throw new IllegalArgumentException(
                    name + ": expected -1 (all) or 1 or more, found " + tokens + "; for no penalty leave it out");
        }
        return Math.max(0, tokens);
    }

    private static double or(@Nullable Double value, double otherwise) {
        return value == null ? otherwise : value;
    }

    private static <T> void set(@Nullable T value, Consumer<T> setter) {
        if (value != null) {
            setter.accept(value);
        }
    }

    private static void together(String missing, @Nullable Number... given) {
        for (Number value : given) {
            if (value != null) {
                throw new IllegalArgumentException(missing + ": expected it with its details, found only those");
            }
        }
    }
}
