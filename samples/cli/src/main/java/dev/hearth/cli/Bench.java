package dev.hearth.cli;

import dev.hearth.cpu.ArithmeticPeak;
import dev.hearth.cpu.MemoryReader;
import dev.hearth.format.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Runs workloads several times. Between the runs memory is read and registers compute: what limits the machine at a moment limits all.
 *
 * @param peak empty where there is no C for this processor
 */
record Bench(
        Stopwatch stopwatch,
        MemoryReader reader,
        Optional<ArithmeticPeak> peak,
        Traffic traffic,
        Arithmetic arithmetic) {
    private static final int PASSES = 4;

    /**
     * Medians, and half of the range in percent of the median; shares of what the machine can do are of the best run.
     *
     * @param rates tokens a second of each run, of all sequences together
     * @param perToken what each token needs
     * @param limits of the same number of threads, between the runs
     */
    record Result(Workload work, List<Double> rates, Needs perToken, Limits limits) {
        double tokensPerSecond() {
            return median(rates);
        }

        double spreadPercent() {
            return Bench.spreadPercent(rates);
        }

        private double best() {
            return Collections.max(rates);
        }

        /** Of decoding: 10^9 bytes. */
        double gigabytesPerSecond() {
            return tokensPerSecond() * perToken.bytes * 1e-9;
        }

        /** The best run by the best pass. */
        double percentOfReadLimit() {
            return 100 * best() * perToken.bytes * 1e-9 / limits.gigabytes;
        }

        /** 10^9 operations. */
        double gigaOpsPerSecond() {
            return tokensPerSecond() * perToken.operations.total() * 1e-9;
        }

        /** Of the time that the best run took, what products of each kind need at their own peak. */
        Optional<Double> percentOfPeak() {
            return limits.gigaOps.map(
                    peak -> 100 * best() * perToken.operations.times(1e-9).seconds(peak));
        }

        Json json() {
            Map<String, Json> entries = new LinkedHashMap<>();
            entries.put("test", new Json.Str(work.name()));
            entries.put("tokensPerSecond", new Json.Real(tokensPerSecond()));
            entries.put("spreadPercent", new Json.Real(spreadPercent()));
            entries.put(
                    "runs",
                    new Json.Arr(
                            rates.stream().map(r -> (Json) new Json.Real(r)).toList()));
            entries.put("readLimitGigabytesPerSecond", new Json.Real(limits.gigabytes));
            if (work.kind() == Workload.Kind.DECODE) {
                entries.put("gigabytesPerSecond", new Json.Real(gigabytesPerSecond()));
                entries.put("percentOfReadLimit", new Json.Real(percentOfReadLimit()));
            }
            entries.put("int8GigaOpsPerToken", new Json.Real(perToken.operations.int8() * 1e-9));
            entries.put("bf16GigaOpsPerToken", new Json.Real(perToken.operations.bf16() * 1e-9));
            entries.put("f32GigaOpsPerToken", new Json.Real(perToken.operations.f32() * 1e-9));
            entries.put("gigaOpsPerSecond", new Json.Real(gigaOpsPerSecond()));
            limits.gigaOps.ifPresent(peak -> {
                entries.put("int8PeakGigaOpsPerSecond", new Json.Real(peak.int8()));
                entries.put("bf16PeakGigaOpsPerSecond", new Json.Real(peak.bf16()));
                entries.put("f32PeakGigaOpsPerSecond", new Json.Real(peak.f32()));
            });
            percentOfPeak().ifPresent(percent -> entries.put("percentOfPeak", new Json.Real(percent)));
            return new Json.Obj(entries);
        }

        String line() {
            String memory = work.kind() == Workload.Kind.PROMPT
                    ? " ".repeat(26)
                    : String.format(
                            Locale.ROOT,
                            "%10.1f %7.0f %% of %-4.0f",
                            gigabytesPerSecond(),
                            percentOfReadLimit(),
                            limits.gigabytes);
            String peak = percentOfPeak()
                    .map(percent -> String.format(Locale.ROOT, " %7.0f %%", percent))
                    .orElse("");
            return String.format(
                    Locale.ROOT,
                    "%-20s %12.1f %6.1f %% %s %10.0f%s",
                    work.name(),
                    tokensPerSecond(),
                    spreadPercent(),
                    memory,
                    gigaOpsPerSecond(),
                    peak);
        }
    }

    /**
     * What a token needs at least.
     *
     * @param bytes that decoding reads
     */
    record Needs(double bytes, Operations operations) {}

    /**
     * What the machine can do in a second: the best that was seen.
     *
     * @param gigabytes of memory read, 10^9
     * @param gigaOps of each kind, 10^9; empty where nobody knows
     */
    record Limits(double gigabytes, Optional<Operations> gigaOps) {}

    /** Runs a workload so many times, after a run that doesn't count. */
    Result run(Workload work, int repetitions) {
        List<Double> rates = new ArrayList<>();
        List<Double> reads = new ArrayList<>();
        List<Operations> peaks = new ArrayList<>();
        for (int i = 0; i < repetitions; i++) {
            reads.add(reader.bestBytesPerSecond(PASSES) * 1e-9);
            gigaOps().ifPresent(peaks::add);
            rates.add(work.sequences() * work.tokens() / stopwatch.seconds(work));
        }
        double bytes = traffic.stepBytes(work.sequences(), work.depth() + work.tokens() / 2.0) / work.sequences();
        double tokens = (double) work.sequences() * work.tokens();
        var needs = new Needs(bytes, arithmetic.of(work).times(1 / tokens));
        return new Result(work, rates, needs, new Limits(Collections.max(reads), best(peaks)));
    }

    private Optional<Operations> gigaOps() {
        return peak.map(p -> new Operations(
                        p.bestOperationsPerSecond(ArithmeticPeak.Numbers.INT8, PASSES),
                        p.bestOperationsPerSecond(ArithmeticPeak.Numbers.BF16, PASSES),
                        p.bestOperationsPerSecond(ArithmeticPeak.Numbers.F32, PASSES))
                .times(1e-9));
    }

    private static Optional<Operations> best(List<Operations> peaks) {
        return peaks.stream().reduce(Operations::most);
    }

    /** Reads memory, then computes in registers, alone. */
    Json limits() {
        Map<String, Json> entries = new LinkedHashMap<>();
        entries.put("test", new Json.Str("limits"));
        entries.put("gigabytesPerSecond", new Json.Real(reader.bestBytesPerSecond(PASSES) * 1e-9));
        gigaOps().ifPresent(peaks -> {
            entries.put("int8GigaOpsPerSecond", new Json.Real(peaks.int8()));
            entries.put("bf16GigaOpsPerSecond", new Json.Real(peaks.bf16()));
            entries.put("f32GigaOpsPerSecond", new Json.Real(peaks.f32()));
        });
        return new Json.Obj(entries);
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
