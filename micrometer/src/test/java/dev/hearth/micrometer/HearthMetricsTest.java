package dev.hearth.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hearth.Engine;
import dev.hearth.FinishReason;
import dev.hearth.Request;
import dev.hearth.tinymodel.TinyModel;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class HearthMetricsTest {
    private static final int TOKENS = 8;

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private Engine engine;

    @BeforeEach
    void bind() {
        engine = Engine.builder(TinyModel.folder()).threads(1).load();
        new HearthMetrics(engine, "tiny", Tags.of("host", "here")).bindTo(registry);
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private void generate() {
        engine.complete(
                Request.prompt("Once upon a time").maxTokens(TOKENS).ignoreEos().build());
    }

    private double count(String name, String... tags) {
        return registry.get(name).tags(tags).functionCounter().count();
    }

    private double gauge(String name) {
        return registry.get(name).gauge().value();
    }

    private Timer histogram(String name) {
        return registry.get("gen_ai.server." + name).timer();
    }

    private FunctionTimer timer(String name) {
        return registry.get(name).functionTimer();
    }

    @Test
    void counters_followTheEngine() {
        generate();
        generate();
        int prompt = engine.tokenizer().encode("Once upon a time").length;
        assertThat(count("hearth.tokens", "gen_ai.token.type", "input")).isEqualTo(2 * prompt);
        assertThat(count("hearth.tokens", "gen_ai.token.type", "output")).isEqualTo(2 * TOKENS);
        assertThat(count("hearth.tokens.cached")).isZero();
        assertThat(count("hearth.requests.ended", "end", "done")).isEqualTo(2);
        assertThat(count("hearth.requests.ended", "end", "failed")).isZero();
        assertThat(count("hearth.requests.refused")).isZero();
        assertThat(count("hearth.steps")).isEqualTo(2 * TOKENS);
        assertThat(count("hearth.steps.tokens")).isEqualTo(2 * (prompt + TOKENS - 1));
        assertThat(count("hearth.preemptions")).isZero();
        assertThat(count("hearth.evictions")).isZero();
        assertThat(count("hearth.lower.stored.bytes")).isZero();
        assertThat(count("hearth.lower.loaded.tokens")).isZero();
    }

    @Test
    void gauges_showPages() {
        generate();
        assertThat(gauge("hearth.requests.running")).isZero();
        assertThat(gauge("hearth.requests.waiting")).isZero();
        assertThat(gauge("hearth.pages.used")).isZero();
        assertThat(gauge("hearth.pages.limit"))
                .isEqualTo(engine.stats().pageLimit())
                .isPositive();
        assertThat(gauge("hearth.pages.prefix")).isEqualTo(engine.stats().prefixPages());
        assertThat(gauge("hearth.cache.hit.ratio")).isZero();
    }

    @Test
    void times_areOfRequestsAndTokens() {
        generate();
        assertThat(histogram("time_to_first_token").count()).isOne();
        assertThat(histogram("time_per_output_token").count()).isOne();
        assertThat(histogram("request.duration").count()).isOne();
        assertThat(timer("hearth.queue.time").count()).isOne();
        assertThat(timer("hearth.token.interval").count()).isEqualTo(TOKENS - 1);
        assertThat(timer("hearth.step.duration").count()).isEqualTo(TOKENS);
        double request = histogram("request.duration").totalTime(TimeUnit.NANOSECONDS);
        double first = histogram("time_to_first_token").totalTime(TimeUnit.NANOSECONDS);
        double following = timer("hearth.token.interval").totalTime(TimeUnit.NANOSECONDS);
        assertThat(first).isPositive();
        assertThat(first + following).isLessThanOrEqualTo(request);
        Duration median = engine.latencies().step().percentile(50);
        assertThat(registry.get("hearth.step.duration.percentile")
                        .tag("phi", "0.5")
                        .timeGauge()
                        .value(TimeUnit.NANOSECONDS))
                .isCloseTo((double) median.toNanos(), within(1.0));
    }

    @Test
    void requests_areCountedByTheConventionsBuckets() {
        generate();
        assertThat(buckets("time_to_first_token"))
                .hasSize(16)
                .startsWith(0.001, 0.005)
                .endsWith(7.5, 10.0);
        assertThat(buckets("time_per_output_token"))
                .hasSize(13)
                .startsWith(0.01, 0.025)
                .endsWith(1.0, 2.5);
        assertThat(buckets("request.duration"))
                .hasSize(14)
                .startsWith(0.01, 0.02)
                .endsWith(40.96, 81.92);
        double[] counts = Arrays.stream(
                        histogram("request.duration").takeSnapshot().histogramCounts())
                .mapToDouble(CountAtBucket::count)
                .toArray();
        assertThat(counts).isSorted().endsWith(1);
    }

    private double[] buckets(String name) {
        return Arrays.stream(histogram(name).takeSnapshot().histogramCounts())
                .mapToDouble(bucket -> bucket.bucket(TimeUnit.SECONDS))
                .toArray();
    }

    @Test
    void tags_nameTheModelAndTheOperation() {
        registry.getMeters().forEach(meter -> {
            assertThat(meter.getId().getTag("gen_ai.provider.name")).isEqualTo("hearth");
            assertThat(meter.getId().getTag("gen_ai.request.model")).isEqualTo("tiny");
            assertThat(meter.getId().getTag("gen_ai.operation.name")).isEqualTo("text_completion");
            assertThat(meter.getId().getTag("host")).isEqualTo("here");
        });
    }

    @Test
    void cancelled_isCountedAsSuch() {
        var request =
                Request.prompt("Once upon a time").maxTokens(200).ignoreEos().build();
        var generation = engine.generate(request);
        generation.close();
        assertThat(generation.completion().join().finish()).isEqualTo(FinishReason.CANCELLED);
        assertThat(count("hearth.requests.ended", "end", "cancelled")).isOne();
        assertThat(histogram("request.duration").count()).isZero();
    }

    @Test
    void closedEngine_isStillRead() {
        generate();
        engine.close();
        assertThat(count("hearth.tokens", "gen_ai.token.type", "output")).isEqualTo(TOKENS);
    }
}
