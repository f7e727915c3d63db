package dev.hearth.bench;

import dev.hearth.BareModel;
import dev.hearth.Engine;
import dev.hearth.EngineBuilder;
import dev.hearth.Event;
import dev.hearth.Generation;
import dev.hearth.Request;
import dev.hearth.format.Json;
import dev.hearth.format.JsonWriter;
import dev.hearth.state.StateCache;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * Hearth's side of {@code benchmarks/workload}: replays a trace on an engine of this process, a virtual thread for each request, and prints
 * a JSON line of each as it ends. Events are timed as their reader gets them; a token without text has none.
 */
public final class WorkloadSide {
    private static final int WARM_PROMPT = 256;
    private static final int WARM_OUTPUT = 32;

    private final Engine engine;
    private final Trace trace;
    private final PrintStream out;
    private final CountDownLatch running;
    private final long startNanos = System.nanoTime();

    private WorkloadSide(Engine engine, Trace trace, PrintStream out) {
        this.engine = engine;
        this.trace = trace;
        this.out = out;
        this.running = new CountDownLatch(trace.requests().size());
    }

    /**
     * What a side may take.
     *
     * @param slots sequences of full length that the cache holds
     * @param contextLength positions of such a sequence
     */
    record Limits(int threads, int slots, int contextLength, Service service) {}

    /** How requests are served. */
    enum Service {
        /** As an engine does by default. */
        TOGETHER,
        /** One after the other, each prompt from its beginning. */
        ONE
    }

    /** {@code MODEL TRACE.jsonl THREADS SLOTS CONTEXT SERVICE}, as in {@link Limits}. */
    public static void main(String[] arguments) throws InterruptedException {
        int[] numbers =
                Arrays.stream(arguments, 2, 5).mapToInt(Integer::parseInt).toArray();
        Limits limits = new Limits(numbers[0], numbers[1], numbers[2], Service.valueOf(arguments[5]));
        replay(Path.of(arguments[0]), Trace.read(Path.of(arguments[1])), limits, System.out);
    }

    /** Prints what computes, then a line for each request. */
    static void replay(Path model, Trace trace, Limits limits, PrintStream out) throws InterruptedException {
        EngineBuilder builder = Engine.builder(model)
                .threads(limits.threads())
                .contextLength(limits.contextLength())
                .cacheBytes(limits.slots() * sequenceBytes(model, limits.contextLength()));
        if (limits.service() == Service.ONE) {
            builder.maxSequences(1).withoutPrefixCache();
        }
        try (Engine engine = builder.load()) {
            engine.complete(request(trace.warmUp(WARM_PROMPT), WARM_OUTPUT));
            WorkloadSide side = new WorkloadSide(engine, trace, out);
            side.print(Map.of("library", new Json.Str("Hearth, " + engine.backend())));
            trace.first().forEach(asked -> side.start(asked, asked.delay()));
            side.running.await();
        }
    }

    /** Bytes of the keys and values of a sequence of full length. */
    private static long sequenceBytes(Path model, int contextLength) {
        try (BareModel bare = Engine.builder(model).contextLength(contextLength).loadBare()) {
            return StateCache.bytes(bare.runner().cache().specs(), bare.cacheType(), contextLength);
        }
    }

    private static Request request(int[] prompt, int output) {
        return Request.tokens(prompt)
                .maxTokens(output)
                .temperature(0)
                .ignoreEos()
                .build();
    }

    /** Seconds from the start. */
    private double now() {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    private void start(Trace.Asked asked, double arrival) {
        Thread.startVirtualThread(() -> {
            try {
                Thread.sleep(Duration.ofNanos((long) (1e9 * Math.max(0, arrival - now()))));
                double end = run(asked, arrival);
                trace.after(asked).forEach(next -> start(next, end + next.delay()));
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts a replay", e);
            } finally {
                running.countDown();
            }
        });
    }

    /** When it ended. */
    private double run(Trace.Asked asked, double arrival) {
        Map<String, Json> record = new LinkedHashMap<>();
        record.put("id", new Json.Int(asked.id()));
        record.put("arrival", new Json.Real(arrival));
        List<Json> times = new ArrayList<>();
        try (Generation generation = engine.generate(request(asked.prompt(), asked.output()))) {
            for (Event event : generation) {
                if (event instanceof Event.Finished finished) {
                    record.put("tokens", new Json.Int(finished.usage().outputTokens()));
                    record.put("cached", new Json.Int(finished.usage().cachedTokens()));
                } else {
                    times.add(new Json.Real(now()));
                }
            }
            record.put("error", Json.Null.NULL);
        } catch (RuntimeException e) { // one request's mishap is its own
            record.put("error", new Json.Str(e.toString()));
        }
        double end = now();
        record.put("times", new Json.Arr(times));
        record.put("end", new Json.Real(end));
        print(record);
        return end;
    }

    private void print(Map<String, Json> members) {
        out.println(JsonWriter.write(new Json.Obj(members)));
    }
}
