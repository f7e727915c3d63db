package dev.hearth.cli;

import dev.hearth.format.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How long new processes took to their {@link FirstToken}.
 *
 * @param seconds of each
 */
record LoadTime(List<Double> seconds) {
    /** Starts so many, one after the other, after one that brings the files into memory. */
    static LoadTime measure(List<String> engineOptions, int repetitions) throws IOException {
        FirstToken.seconds(engineOptions);
        List<Double> seconds = new ArrayList<>();
        for (int i = 0; i < repetitions; i++) {
            seconds.add(FirstToken.seconds(engineOptions));
        }
        return new LoadTime(seconds);
    }

    Json json() {
        return JsonOutput.object(
                "test", new Json.Str("load"),
                "seconds", new Json.Real(Bench.median(seconds)),
                "spreadPercent", new Json.Real(Bench.spreadPercent(seconds)),
                "runs",
                        new Json.Arr(seconds.stream()
                                .map(s -> (Json) new Json.Real(s))
                                .toList()));
    }

    String line() {
        return String.format(
                Locale.ROOT,
                "load: %.2f s +- %.1f %% from main to the first token of 8",
                Bench.median(seconds),
                Bench.spreadPercent(seconds));
    }
}
