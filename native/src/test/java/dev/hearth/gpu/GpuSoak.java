package dev.hearth.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.Completion;
import dev.hearth.Engine;
import dev.hearth.EngineBuilder;
import dev.hearth.EngineClosedException;
import dev.hearth.Event;
import dev.hearth.FinishReason;
import dev.hearth.Generation;
import dev.hearth.Request;
import dev.hearth.TokenScore;
import dev.hearth.spi.Precision;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * One engine on an emulated GPU, many threads, a cache for two or three of them with host memory below it: every request ends as it should,
 * with the processor's tokens, and the device gets all its memory back.
 */
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("try") // generations are closed early on purpose
public interface GpuSoak {
    /** The model. */
    Path MODEL = Emulation.repository().resolve("cpu-fallback/src/test/resources/oracles/qwen3");

    /** Callers. */
    int THREADS = 16;

    /** Requests of each. */
    int REQUESTS_EACH = 6;

    /** Different requests. */
    int KINDS = 8;

    /** The driver. */
    Emulation emulation();

    /** The backend's name. */
    String backend();

    /** What became of a request. */
    enum Outcome {
        /** With the tokens expected. */
        COMPLETED,
        /** With the scores expected. */
        SCORED,
        /** By its caller. */
        CANCELLED,
        /** By its deadline. */
        LATE,
        /** By a processor that throws. */
        FAILED
    }

    /** Settings as they were. */
    @AfterEach
    default void reset() {
        emulation().set("reset", 0);
    }

    private static EngineBuilder builder() {
        return Engine.builder(MODEL).precision(Precision.EXACT).contextLength(96);
    }

    private static int[] prompt(int kind) {
        int[] ids = new int[10 + kind * 9 % 50];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = i < 8 * (kind % 3) ? 5 + i : 10 + (kind * 31 + i * 17) % 480;
        }
        return ids;
    }

    private static Request.Builder request(int kind) {
        return Request.tokens(prompt(kind))
                .maxTokens(1 + kind * 3 % 10)
                .ignoreEos()
                .seed(kind)
                .temperature(kind % 3 == 0 ? 0 : 1)
                .topK(kind % 2 == 0 ? 7 : 0);
    }

    /** What each gives on the processor, alone. */
    record Expected(List<List<Integer>> tokens, List<TokenScore> scores) {
        static Expected byTheProcessor() {
            try (Engine engine = builder().backend("cpu").withoutPrefixCache().load()) {
                List<List<Integer>> tokens = new ArrayList<>();
                for (int kind = 0; kind < KINDS; kind++) {
                    tokens.add(engine.complete(request(kind).build()).ids());
                }
                return new Expected(tokens, engine.score(prompt(5), 2));
            }
        }
    }

    /** Cancels, deadlines and defects among them. */
    @Test
    default void manyThreads_getWhatTheProcessorGivesThemAlone() throws InterruptedException {
        Expected expected = Expected.byTheProcessor();
        Queue<Outcome> outcomes = new ConcurrentLinkedQueue<>();
        Queue<Throwable> defects = new ConcurrentLinkedQueue<>();
        try (Engine engine = builder()
                .backend(backend())
                .cacheBytes(1 << 18)
                .hostCache(1 << 20)
                .load()) {
            assertThat(engine.backend()).startsWith(backend() + ":0");
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                Random random = new Random(t);
                threads.add(Thread.ofVirtual().start(() -> {
                    for (int i = 0; i < REQUESTS_EACH; i++) {
                        try {
                            outcomes.add(once(engine, expected, random));
                        } catch (RuntimeException | AssertionError e) {
                            defects.add(e);
                        }
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(defects).isEmpty();
            assertThat(outcomes).hasSize(THREADS * REQUESTS_EACH).containsAll(EnumSet.allOf(Outcome.class));
            engine.complete(request(0).build()); // the loop has dropped what was cancelled before it answers
            assertThat(engine.stats().usedPages()).isZero();
            assertThat(engine.stats().evictions()).isPositive();
            assertThat(engine.stats().lower().storedBytes()).isPositive();
        }
        assertThat(emulation().count("allocations")).isZero();
    }

    private static Outcome once(Engine engine, Expected expected, Random random) {
        int kind = random.nextInt(KINDS);
        return switch (random.nextInt(8)) {
            case 0 -> scored(engine, expected);
            case 1 -> cancelled(engine, kind, random.nextInt(3));
            case 2 -> late(engine, kind);
            case 3 -> failed(engine, kind);
            default -> completed(engine, kind, expected);
        };
    }

    private static Outcome scored(Engine engine, Expected expected) {
        assertThat(engine.score(prompt(5), 2)).isEqualTo(expected.scores);
        return Outcome.SCORED;
    }

    private static Outcome cancelled(Engine engine, int kind, int events) {
        int read = events;
        try (Generation generation = engine.generate(request(kind).build())) {
            for (Event event : generation) {
                if (read-- == 0 || event instanceof Event.Finished) {
                    break;
                }
            }
        }
        return Outcome.CANCELLED;
    }

    private static Outcome late(Engine engine, int kind) {
        Completion late =
                engine.complete(request(kind).within(Duration.ofNanos(1000)).build());
        assertThat(late.finish()).isEqualTo(FinishReason.DEADLINE);
        return Outcome.LATE;
    }

    private static Outcome failed(Engine engine, int kind) {
        Request defective = request(kind)
                .logitsProcessor(() -> (logits, position) -> {
                    throw new IllegalStateException("defect of a processor");
                })
                .build();
        assertThatThrownBy(() -> engine.complete(defective)).hasStackTraceContaining("defect of a processor");
        return Outcome.FAILED;
    }

    private static Outcome completed(Engine engine, int kind, Expected expected) {
        assertThat(engine.complete(request(kind).build()).ids())
                .as("kind %d", kind)
                .isEqualTo(expected.tokens.get(kind));
        return Outcome.COMPLETED;
    }

    /** Nobody is left waiting. */
    @Test
    default void close_endsEveryRequest() throws InterruptedException {
        Engine engine = builder().backend(backend()).load();
        AtomicInteger ended = new AtomicInteger();
        Queue<Throwable> defects = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            int kind = t % KINDS;
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        engine.complete(request(kind).build());
                    }
                } catch (EngineClosedException e) {
                    ended.incrementAndGet();
                } catch (RuntimeException e) {
                    defects.add(e);
                }
            }));
        }
        while (engine.stats().outputTokens() < 20) {
            Thread.onSpinWait();
        }
        engine.close();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(defects).isEmpty();
        assertThat(ended).hasValue(THREADS);
        assertThat(emulation().count("allocations")).isZero();
    }
}
