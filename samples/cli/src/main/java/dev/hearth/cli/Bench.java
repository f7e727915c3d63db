package dev.hearth.cli;

import dev.hearth.format.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Runs workloads several times, with memory read between the runs: what limits the machine at a moment limits both. */
record Bench(Stopwatch stopwatch, MemoryReader reader, Traffic traffic) {
    private static final int PASSES = 4;

    /**
     * Medians, and half of the range in percent of the median.
     *
     * @param rates tokens a second of each run, of all sequences together
     * @param gigabytesPerSecond what decoding read at least; 0 for a prompt
     * @param readLimit 10^9 bytes a second that the same number of threads read between the runs
     */
    record Result(Workload work, List<Double> rates, double gigabytesPerSecond, double readLimit) {
        double tokensPerSecond() {
            return median(rates);
        }

        double spreadPercent() {
            return Bench.spreadPercent(rates);
        }

        double percentOfReadLimit() {
            return 100 * gigabytesPerSecond / readLimit;
        }

        Json json() {
            Json.Arr runs = new Json.Arr(
                    rates.stream().map(r -> (Json) new Json.Real(r)).toList());
            return work.kind() == Workload.Kind.PROMPT
                    ? JsonOutput.object(
                            "test", new Json.Str(work.name()),
                            "tokensPerSecond", new Json.Real(tokensPerSecond()),
                            "spreadPercent", new Json.Real(spreadPercent()),
                            "runs", runs,
                            "readLimitGigabytesPerSecond", new Json.Real(readLimit))
                    : JsonOutput.object(
                            "test", new Json.Str(work.name()),
                            "tokensPerSecond", new Json.Real(tokensPerSecond()),
                            "spreadPercent", new Json.Real(spreadPercent()),
                            "runs", runs,
                            "readLimitGigabytesPerSecond", new Json.Real(readLimit),
                            "gigabytesPerSecond", new Json.Real(gigabytesPerSecond),
                            "percentOfReadLimit", new Json.Real(percentOfReadLimit()));
        }

        String line() {
            String speed = String.format(
                    Locale.ROOT, "%-20s %12.1f %6.1f %%", work.name(), tokensPerSecond(), spreadPercent());
            return work.kind() == Workload.Kind.PROMPT
                    ? speed
                    : String.format(
                            Locale.ROOT,
                            "%s %10.1f %7.0f %% of %.1f",
                            speed,
                            gigabytesPerSecond,
                            percentOfReadLimit(),
                            readLimit);
        }
    }

    /** Runs a workload so many times, after a run that doesn't count. */
    Result run(Workload work, int repetitions) {
        List<Double> rates = new ArrayList<>();
        List<Double> limits = new ArrayList<>();
        for (int i = 0; i < repetitions; i++) {
            limits.add(reader.bytesPerSecond(PASSES) * 1e-9);
            rates.add(work.sequences() * work.tokens() / stopwatch.seconds(work));
        }
        double bytesPerToken =
                traffic.stepBytes(work.sequences(), work.depth() + work.tokens() / 2.0) / work.sequences();
        double read = work.kind() == Workload.Kind.PROMPT ? 0 : median(rates) * bytesPerToken * 1e-9;
        return new Result(work, rates, read, median(limits));
    }

    /** Reads memory alone. */
    Json read() {
        return JsonOutput.object(
                "test", new Json.Str("read"),
                "gigabytesPerSecond", new Json.Real(reader.bytesPerSecond(PASSES) * 1e-9));
    }

    /** Half of the range in percent of the median. */
    static double spreadPercent(List<Double> values) {
        return 50 * (Collections.max(values) - Collections.min(values)) / median(values);
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
