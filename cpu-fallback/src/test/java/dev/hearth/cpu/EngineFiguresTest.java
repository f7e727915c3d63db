package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.Completion;
import dev.hearth.Engine;
import dev.hearth.Request;
import dev.hearth.Usage;
import dev.hearth.schedule.EngineStats;
import dev.hearth.schedule.Latencies;
import dev.hearth.tinymodel.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an engine says of what it has done. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class EngineFiguresTest {
    private static final int TOKENS = 12;
    private static final int PROMPT = 70; // more than two pages

    private final Engine engine = Engine.builder(TinyModel.folder()).threads(1).load();

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        engine.close();
    }

    private Completion generate() {
        int[] prompt = new int[PROMPT];
        for (int i = 0; i < PROMPT; i++) {
            prompt[i] = 5 + i;
        }
        return engine.complete(Request.tokens(prompt)
                .tenant("someone")
                .maxTokens(TOKENS)
                .ignoreEos()
                .build());
    }

    @Test
    void stats_countTokensAndSteps() {
        generate();
        generate();
        EngineStats stats = engine.stats();
        assertThat(stats.requests()).isEqualTo(2);
        assertThat(stats.ends().done()).isEqualTo(2);
        assertThat(stats.promptTokens()).isEqualTo(2 * PROMPT);
        assertThat(stats.cachedTokens()).isEqualTo(64);
        assertThat(stats.cacheHitRate()).isEqualTo(64.0 / (2 * PROMPT));
        assertThat(stats.outputTokens()).isEqualTo(2 * TOKENS);
        assertThat(stats.steps()).isEqualTo(2 * TOKENS);
        assertThat(stats.stepTokens()).isEqualTo(2 * (PROMPT + TOKENS - 1) - 64);
        assertThat(stats.freePages()).isEqualTo(stats.pageLimit()).isPositive();
    }

    @Test
    void latencies_areOfEveryRequestAndToken() {
        Usage usage = generate().usage();
        Latencies latencies = engine.latencies();
        assertThat(latencies.queue().count()).isOne();
        assertThat(latencies.firstToken().count()).isOne();
        assertThat(latencies.interToken().count()).isEqualTo(TOKENS - 1);
        assertThat(latencies.perToken().count()).isOne();
        assertThat(latencies.request().count()).isOne();
        assertThat(latencies.step().count()).isEqualTo(TOKENS);
        assertThat(latencies.queue().max())
                .isLessThanOrEqualTo(latencies.firstToken().max());
        assertThat(latencies.firstToken().total().plus(latencies.interToken().total()))
                .isLessThanOrEqualTo(latencies.request().total());
        assertThat(usage.queued()).isPositive().isLessThan(usage.timeToFirstToken());
    }

    @Test
    void texts_haveNoTokens() {
        engine.score(new int[] {5, 6, 7}, 1);
        assertThat(engine.stats().outputTokens()).isZero();
        assertThat(engine.latencies().firstToken().count()).isZero();
        assertThat(engine.latencies().request().count()).isOne();
    }

    @Test
    void recording_holdsTheRequestAndItsSteps() throws IOException {
        Path file = folder.resolve("recording.jfr");
        try (Recording recording = new Recording()) {
            recording.start();
            generate();
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        assertThat(named(events, "dev.hearth.Step"))
                .hasSize(TOKENS)
                .allSatisfy(event -> assertThat(event.getInt("sequences")).isOne());
        assertThat(named(events, "dev.hearth.Request")).singleElement().satisfies(event -> {
            assertThat(event.getInt("promptTokens")).isEqualTo(PROMPT);
            assertThat(event.getInt("outputTokens")).isEqualTo(TOKENS);
            assertThat(event.getString("finish")).isEqualTo("DONE");
            assertThat(event.getString("tenant")).isEqualTo("someone");
            assertThat(event.getDuration("timeToFirstToken"))
                    .isGreaterThan(event.getDuration("queueTime"))
                    .isLessThan(event.getDuration());
        });
    }

    private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .toList();
    }
}
