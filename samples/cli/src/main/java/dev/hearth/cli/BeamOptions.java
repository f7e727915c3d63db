package dev.hearth.cli;

import dev.hearth.Request;
import dev.hearth.sample.BeamSearch;
import dev.hearth.sample.BeamSearch.EarlyStopping;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether the likeliest answer is searched for, and how. */
final class BeamOptions {
    @Option(
            names = "--beams",
            paramLabel = "N",
            description = "Search for the likeliest answer with so many beginnings at a time.")
    @Nullable
    private Integer width;

    @Option(
            names = "--length-penalty",
            paramLabel = "P",
            description = "Above 0 favours longer answers of --beams, below 0 shorter ones; 1 by default.")
    @Nullable
    private Double lengthPenalty;

    @Option(
            names = "--early-stopping",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false|never",
            description =
                    "End --beams as soon as N answers are complete (true), when a better one is unlikely (false, the"
                            + " default) or impossible (never).")
    @Nullable
    private String earlyStopping;

    /** Sets them on a request. */
    Request.Builder apply(Request.Builder request) {
        if (width == null) {
            if (lengthPenalty != null || earlyStopping != null) {
                throw new IllegalArgumentException("--beams: expected it with its details, found only those");
            }
            return request;
        }
        BeamSearch search = BeamSearch.of(width);
        if (lengthPenalty != null) {
            search = search.withLengthPenalty(lengthPenalty);
        }
        return request.beams(earlyStopping == null ? search : search.withEarlyStopping(named(earlyStopping)));
    }

    private static EarlyStopping named(String name) {
        return switch (name) {
            case "true" -> EarlyStopping.AT_ONCE;
            case "false" -> EarlyStopping.UNLIKELY_BETTER;
            case "never" -> EarlyStopping.NEVER_BETTER;
            default ->
                throw new IllegalArgumentException("--early-stopping: expected true, false or never, found " + name);
        };
    }
}
