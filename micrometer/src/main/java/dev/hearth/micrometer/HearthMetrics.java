package dev.hearth.micrometer;

import dev.hearth.Engine;
import dev.hearth.schedule.EngineStats;
import dev.hearth.schedule.Latencies;
import dev.hearth.schedule.Latency;
import dev.hearth.schedule.RequestTimes;
import dev.hearth.schedule.Sequence;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.DoubleStream;

/**
 * The figures of an engine: {@code new HearthMetrics(engine, "Qwen3-0.6B").bindTo(registry)}. Times of requests are histograms with the
 * buckets of the conventions, into which each request is counted when it ends. All other meters read the engine when they are asked, cost requests nothing, and hold it
 * weakly, as Micrometer does; their times have a count, a sum and gauges of percentiles since the engine began.
 */
/* Names that begin with gen_ai are those of the OpenTelemetry semantic conventions for generative AI systems, section "model server metrics". */
public final class HearthMetrics implements MeterBinder {
    private static final double[] PERCENTILES = {50, 95, 99};
    private static final double[] TO_FIRST_TOKEN = { // seconds, as the conventions advise; the next two too
        0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10
    };
    private static final double[] PER_TOKEN = {0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5};
    private static final double[] TO_END = {
        0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92
    };

    private final Engine engine;
    private final Tags tags;

    /** The figures of an engine, under the name that requests know its model by. */
    public HearthMetrics(Engine engine, String model) {
        this(engine, model, Tags.empty());
    }

    /** As the other one, with tags of one's own on every meter. */
    public HearthMetrics(Engine engine, String model, Tags more) {
        this.engine = engine;
        this.tags = Tags.of(
                        "gen_ai.operation.name",
                        engine.config().bothWays() ? "embeddings" : "text_completion",
                        "gen_ai.provider.name",
                        "hearth",
                        "gen_ai.request.model",
                        model)
                .and(more);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        gauges(registry);
        counters(registry);
        requests(registry);
        time(registry, "hearth.queue.time", "To a request's first step", Latencies::queue);
        time(registry, "hearth.token.interval", "From one token of a request to the next", Latencies::interToken);
        time(registry, "hearth.step.duration", "The computing of a step", Latencies::step);
    }

    private void requests(MeterRegistry registry) {
        Timer first = histogram(registry, "time_to_first_token", "To the first token", TO_FIRST_TOKEN);
        Timer perToken =
                histogram(registry, "time_per_output_token", "Per token after the first, of a request", PER_TOKEN);
        Timer whole = histogram(registry, "request.duration", "To a request's end", TO_END);
        engine.onTimes(new RequestTimes() {
            @Override
            public void firstToken(Duration sinceArrival) {
                first.record(sinceArrival);
            }

            @Override
            public void ended(Duration sinceArrival, Optional<Duration> mean) {
                whole.record(sinceArrival);
                mean.ifPresent(perToken::record);
            }
        });
    }

    private Timer histogram(MeterRegistry registry, String name, String what, double[] bounds) {
        return Timer.builder("gen_ai.server." + name)
                .tags(tags)
                .description(what)
                .serviceLevelObjectives(DoubleStream.of(bounds)
                        .mapToObj(seconds -> Duration.ofNanos(Math.round(seconds * 1e9)))
                        .toArray(Duration[]::new))
                .register(registry);
    }

    private void gauges(MeterRegistry registry) {
        gauge(registry, "hearth.requests.running", EngineStats::running);
        gauge(registry, "hearth.requests.waiting", EngineStats::waiting);
        gauge(registry, "hearth.pages.used", EngineStats::usedPages);
        gauge(registry, "hearth.pages.limit", EngineStats::pageLimit);
        gauge(registry, "hearth.pages.prefix", EngineStats::prefixPages);
        gauge(registry, "hearth.cache.hit.ratio", EngineStats::cacheHitRate);
        gauge(registry, "hearth.lower.bytes", stats -> stats.lower().heldBytes());
    }

    private void counters(MeterRegistry registry) {
        count(registry, "hearth.tokens", Tags.of("gen_ai.token.type", "input"), EngineStats::promptTokens);
        count(registry, "hearth.tokens", Tags.of("gen_ai.token.type", "output"), EngineStats::outputTokens);
        count(registry, "hearth.tokens.cached", Tags.empty(), EngineStats::cachedTokens);
        count(registry, "hearth.steps", Tags.empty(), EngineStats::steps);
        count(registry, "hearth.steps.tokens", Tags.empty(), EngineStats::stepTokens);
        count(registry, "hearth.preemptions", Tags.empty(), EngineStats::preemptions);
        count(registry, "hearth.evictions", Tags.empty(), EngineStats::evictions);
        count(
                registry,
                "hearth.lower.stored.bytes",
                Tags.empty(),
                stats -> stats.lower().storedBytes());
        count(
                registry,
                "hearth.lower.loaded.bytes",
                Tags.empty(),
                stats -> stats.lower().loadedBytes());
        count(
                registry,
                "hearth.lower.loaded.tokens",
                Tags.empty(),
                stats -> stats.lower().loadedTokens());
        count(registry, "hearth.requests.refused", Tags.empty(), EngineStats::refused);
        for (Sequence.End end : Sequence.End.values()) {
            Tags how = Tags.of("end", end.name().toLowerCase(Locale.ROOT));
            count(registry, "hearth.requests.ended", how, stats -> stats.ends().of(end));
        }
    }

    private void gauge(MeterRegistry registry, String name, ToDoubleFunction<EngineStats> value) {
        Gauge.builder(name, engine, e -> value.applyAsDouble(e.stats()))
                .tags(tags)
                .register(registry);
    }

    private void count(MeterRegistry registry, String name, Tags more, ToLongFunction<EngineStats> value) {
        FunctionCounter.builder(name, engine, e -> value.applyAsLong(e.stats()))
                .tags(tags.and(more))
                .register(registry);
    }

    private void time(MeterRegistry registry, String name, String what, Function<Latencies, Latency> which) {
        FunctionTimer.builder(
                        name,
                        engine,
                        e -> which.apply(e.latencies()).count(),
                        e -> which.apply(e.latencies()).total().toNanos(),
                        TimeUnit.NANOSECONDS)
                .tags(tags)
                .description(what)
                .register(registry);
        for (double percent : PERCENTILES) {
            TimeGauge.builder(
                            name + ".percentile",
                            engine,
                            TimeUnit.NANOSECONDS,
                            e -> which.apply(e.latencies()).percentile(percent).toNanos())
                    .tags(tags.and("phi", Double.toString(percent / 100)))
                    .description(what)
                    .register(registry);
        }
    }
}
