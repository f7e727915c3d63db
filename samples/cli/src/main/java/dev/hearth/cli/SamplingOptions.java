package dev.hearth.cli;

import dev.hearth.Request;
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
            names = "--repetition-penalty",
            paramLabel = "R",
            description = "Above 1 makes tokens that were there less likely.")
    @Nullable
    private Double repetitionPenalty;

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
        if (temperature != null) {
            request.temperature(temperature);
        }
        if (topK != null) {
            request.topK(topK);
        }
        if (topP != null) {
            request.topP(topP);
        }
        if (minP != null) {
            request.minP(minP);
        }
        if (repetitionPenalty != null) {
            double penalty = repetitionPenalty;
            request.sampling(s -> s.repetitionPenalty(penalty));
        }
        if (seed != null) {
            request.seed(seed);
        }
        if (ignoreEos) {
            request.ignoreEos();
        }
        return request.stop(stop);
    }
}
