package dev.hearth.cli;

import dev.hearth.BareModel;
import dev.hearth.cpu.ArithmeticPeak;
import dev.hearth.cpu.MemoryReader;
import dev.hearth.format.Json;
import dev.hearth.format.Loading;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.ModelSource;
import dev.hearth.spi.CacheType;
import dev.hearth.state.StateCache;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How fast a model runs here, beside what this machine's memory and arithmetic allow. */
@Command(
        name = "bench",
        description =
                "Measure prompts and decoding, how fast memory can be read and how fast numbers multiplied at all.",
        mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {
    private static final long READ_BYTES = 512 << 20;

    @Mixin
    private EngineOptions engineOptions = new EngineOptions();

    @Option(names = "-p", split = ",", paramLabel = "512", description = "Tokens of a prompt; 0 for no such test.")
    private int[] prompts = {512};

    @Option(names = "-n", split = ",", paramLabel = "128", description = "Tokens to decode; 0 for no such test.")
    private int[] decoded = {128};

    @Option(names = "-b", split = ",", paramLabel = "1,4,16", description = "Sequences to decode together.")
    private int[] sequences = {1};

    @Option(names = "-d", split = ",", paramLabel = "0", description = "Tokens that are there before each test.")
    private int[] depths = {0};

    @Option(names = "-r", paramLabel = "5", description = "Times that each test is run.")
    private int repetitions = 5;

    @Option(
            names = "--load",
            description =
                    "First time new processes, from main to the first token of a prompt of 8: test load, in seconds.")
    private boolean load;

    @Option(
            names = "--alternate",
            description = "Instead run what standard input names, once each, as it comes: pp512, tg128@4@d8192, limits;"
                    + " one JSON object each. Limits are those of -p, -n, -b and -d.")
    private boolean alternate;

    @Option(names = "--json", description = "Print one JSON array.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        List<Workload> works = works();
        if (works.isEmpty() && !load || repetitions < 1) {
            throw new IllegalArgumentException(
                    "bench: expected a test and a repetition, found none; give -p, -n or --load, and -r");
        }
        List<Json> results = new ArrayList<>();
        if (load) {
            LoadTime time = LoadTime.measure(engineOptions.arguments(), repetitions);
            results.add(time.json());
            if (!json) {
                System.out.println(time.line());
            }
        }
        if (!works.isEmpty()) {
            steps(works, results);
        }
        if (json && !alternate) {
            JsonOutput.print(new Json.Arr(results));
        }
        return 0;
    }

    private void steps(List<Workload> works, List<Json> results) throws IOException {
        int readers = engineOptions.threads().orElse(Runtime.getRuntime().availableProcessors());
        try (BareModel model = load(works);
                MemoryReader reader = new MemoryReader(READ_BYTES, readers);
                Stopwatch stopwatch = new Stopwatch(model)) {
            reader.bestBytesPerSecond(2);
            Optional<ArithmeticPeak> peak = ArithmeticPeak.of(readers);
            var bench = new Bench(stopwatch, reader, peak, Traffic.of(model), Arithmetic.of(model));
            try {
                if (alternate) {
                    answer(bench);
                } else {
                    measure(bench, works, model, results);
                }
            } finally {
                peak.ifPresent(ArithmeticPeak::close);
            }
        }
    }

    private List<Workload> works() {
        List<Workload> works = new ArrayList<>();
        for (int depth : depths) {
            for (int tokens : prompts) {
                if (tokens != 0) {
                    works.add(new Workload(Workload.Kind.PROMPT, tokens, 1, depth));
                }
            }
            for (int tokens : decoded) {
                for (int count : tokens == 0 ? new int[0] : sequences) {
                    works.add(new Workload(Workload.Kind.DECODE, tokens, count, depth));
                }
            }
        }
        return works;
    }

    /** Loads with room for the largest test, and for the sequence that it goes on from. */
    private BareModel load(List<Workload> works) {
        int positions = works.stream().mapToInt(Workload::positions).max().orElseThrow();
        long bytes;
        try (ModelSource source = ModelSource.open(engineOptions.path(), Loading.MAPPED)) {
            var states = new LayerPlan(source.config()).groups();
            bytes = works.stream()
                    .mapToLong(w -> Math.multiplyExact(
                            StateCache.bytes(states, CacheType.F32, positions), (long) w.sequences() + 1))
                    .max()
                    .orElseThrow();
            bytes = Math.addExact(
                    bytes, 4 * StateCache.slotBytes(states) * (sequencesAtMost(works) + 1)); // slots get a quarter
        }
        long cacheBytes = bytes;
        return engineOptions.load(builder -> builder.contextLength(
                        Math.max(positions, engineOptions.context().orElse(1)))
                .cacheBytes(cacheBytes)
                .loadBare());
    }

    private static int sequencesAtMost(List<Workload> works) {
        return works.stream().mapToInt(Workload::sequences).max().orElse(1);
    }

    private void measure(Bench bench, List<Workload> works, BareModel model, List<Json> results) {
        if (!json) {
            System.out.printf(
                    "%s, %s precision, %s cache%n%n%-20s %12s %8s %10s %15s %10s %9s%n",
                    model.backend(),
                    model.precision().name().toLowerCase(Locale.ROOT),
                    model.cacheType(),
                    "test",
                    "tokens/s",
                    "+-",
                    "GB/s",
                    "of memory's",
                    "GOP/s",
                    "of peak");
        }
        for (Workload work : works) {
            Bench.Result result = bench.run(work, repetitions);
            results.add(result.json());
            if (!json) {
                System.out.println(result.line());
            }
        }
    }

    private static void answer(Bench bench) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String name = in.readLine(); name != null; name = in.readLine()) {
            JsonOutput.print(
                    name.equals("limits")
                            ? bench.limits()
                            : bench.run(Workload.named(name.strip()), 1).json());
        }
    }
}
