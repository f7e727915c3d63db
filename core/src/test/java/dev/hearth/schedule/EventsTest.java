package dev.hearth.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.state.LoadCosts;
import dev.hearth.state.StateCache;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a flight recording holds. */
class EventsTest {
    private static final int PAGE = StateCache.PAGE_SIZE;

    private final PageMemory memory = new PageMemory(16);
    private final Scheduler scheduler = new Scheduler(memory.cache(), new Scheduler.Limits(1024, 8), false);
    private final Counters counters = new Counters();
    private final Recording recording = new Recording();

    @TempDir
    Path folder;

    @BeforeEach
    void record() {
        for (String name : List.of("Request", "Step", "Preemption", "Eviction", "Load")) {
            recording.enable("dev.hearth." + name).withoutThreshold();
        }
        recording.start();
    }

    @AfterEach
    void close() {
        recording.close();
    }

    private List<RecordedEvent> events(String name) throws IOException {
        recording.stop();
        Path file = folder.resolve("recording.jfr");
        recording.dump(file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals("dev.hearth." + name))
                .toList();
    }

    private Sequence add(Terms terms, int tokens, int token) {
        int[] prompt = new int[tokens];
        Arrays.fill(prompt, token);
        Sequence sequence = Script.generating(2, prompt).sequence(terms);
        scheduler.add(sequence);
        return sequence;
    }

    private void step() {
        List<Sequence> chosen = scheduler.plan(Sequence.Output.LOGITS);
        StepEvent event = new StepEvent();
        event.begin();
        event.computed(chosen, scheduler.waitingCount());
        chosen.forEach(memory::compute);
        scheduler.done(chosen);
    }

    @Test
    void request_tellsWhatItTook() throws IOException {
        Sequence sequence = add(new Terms(3, "someone", "", Terms.NEVER, Terms.NEVER), 5, 1);
        counters.started(sequence, 100);
        sequence.started = true;
        counters.token(sequence, 250);
        counters.token(sequence, 300);
        RequestEvent.ended(sequence, Sequence.End.LATE);
        assertThat(events("Request")).singleElement().satisfies(event -> {
            assertThat(event.getInt("promptTokens")).isEqualTo(5);
            assertThat(event.getInt("cachedTokens")).isZero();
            assertThat(event.getInt("outputTokens")).isEqualTo(2);
            assertThat(event.getDuration("queueTime")).isEqualTo(Duration.ofNanos(100));
            assertThat(event.getDuration("timeToFirstToken")).isEqualTo(Duration.ofNanos(250));
            assertThat(event.getString("finish")).isEqualTo("LATE");
            assertThat(event.getString("tenant")).isEqualTo("someone");
            assertThat(event.getInt("priority")).isEqualTo(3);
            assertThat(event.getDuration()).as("since it was submitted").isPositive();
            assertThat(event.getStackTrace()).isNull();
        });
    }

    @Test
    void requestThatNeverRan_hasNoTimes() throws IOException {
        RequestEvent.ended(add(Terms.DEFAULT, 5, 1), Sequence.End.CANCELLED);
        assertThat(events("Request")).singleElement().satisfies(event -> {
            assertThat(event.getDuration("queueTime")).isZero();
            assertThat(event.getDuration("timeToFirstToken")).isZero();
        });
    }

    @Test
    void step_tellsWhatItHeld() throws IOException {
        Sequence first = add(Terms.DEFAULT, 5, 1);
        step();
        first.tokens.add(1);
        add(Terms.DEFAULT, 7, 2);
        step();
        assertThat(events("Step"))
                .satisfiesExactly(
                        event -> assertThat(event.getInt("promptTokens")).isEqualTo(5), event -> {
                            assertThat(event.getInt("tokens")).isEqualTo(8);
                            assertThat(event.getInt("promptTokens")).isEqualTo(7);
                            assertThat(event.getInt("sequences")).isEqualTo(2);
                            assertThat(event.getInt("waiting")).isZero();
                        });
    }

    @Test
    void preemption_tellsWhoLostWhat() throws IOException {
        Sequence low = add(Terms.DEFAULT, 10 * PAGE, 1);
        step();
        step();
        add(new Terms(1, "", "", Terms.NEVER, Terms.NEVER), 9 * PAGE, 2);
        step();
        assertThat(low.course.preemptions).isOne();
        assertThat(events("Preemption")).singleElement().satisfies(event -> {
            assertThat(event.getInt("tokens")).isEqualTo(10 * PAGE);
            assertThat(event.getBoolean("waitsForReader")).isFalse();
            assertThat(event.getInt("priority")).isZero();
        });
    }

    @Test
    void eviction_tellsHowMuchWent() throws IOException {
        Sequence first = add(Terms.DEFAULT, 10 * PAGE, 1);
        step();
        step();
        scheduler.remove(first);
        add(Terms.DEFAULT, 9 * PAGE, 2);
        step();
        assertThat(events("Eviction")).singleElement().satisfies(event -> {
            assertThat(event.getInt("pages")).isEqualTo((int) memory.cache().evictions());
            assertThat(event.getInt("pages")).isPositive();
            assertThat(event.getInt("keptPages")).isEqualTo(10 - event.getInt("pages"));
        });
    }

    @Test
    void load_tellsWhatCameBack() throws IOException {
        memory.keepBelow(100, Runnable::run, new LoadCosts());
        Sequence first = add(Terms.DEFAULT, 10 * PAGE, 1);
        step();
        step();
        scheduler.remove(first);
        Sequence second = add(Terms.DEFAULT, 9 * PAGE, 2);
        step();
        scheduler.remove(second);
        Sequence again = add(Terms.DEFAULT, 10 * PAGE, 1);
        step();
        step();
        assertThat(again.computed).isPositive();
        assertThat(events("Load")).singleElement().satisfies(event -> {
            assertThat(event.getInt("tokens")).isPositive().isEqualTo(event.getInt("reachedTokens"));
            assertThat(event.getLong("bytes"))
                    .isEqualTo(memory.cache().lower().orElseThrow().counts().loadedBytes());
            assertThat(event.getDuration()).isPositive();
        });
    }
}
