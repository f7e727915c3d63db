package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.Completion;
import dev.hearth.Conversation;
import dev.hearth.Engine;
import dev.hearth.EngineBuilder;
import dev.hearth.EngineClosedException;
import dev.hearth.Event;
import dev.hearth.FinishReason;
import dev.hearth.Generation;
import dev.hearth.Message;
import dev.hearth.Request;
import dev.hearth.TokenScore;
import dev.hearth.tinymodel.TinyModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One engine, many threads, too little memory: every request has an outcome, and those that complete have the same as alone. */
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("try") // generations are closed early on purpose
final class ManyCallersTest {
    private static final Logger LOG = LoggerFactory.getLogger(ManyCallersTest.class);
    private static final int THREADS = 200;
    private static final int REQUESTS_EACH = Integer.getInteger("hearth.requestsEach", 5); // 50 for a long run
    private static final int KINDS = 24;
    private static final long CACHE_BYTES = 8 * 196_608L; // pages of all layers

    private static final List<Request> REQUESTS = new ArrayList<>();
    private static final List<List<Integer>> EXPECTED = new ArrayList<>();
    private static final int[] SCORED = prompt(5, 90);
    private static final Request SEARCH = Request.tokens(prompt(7, 70))
            .maxTokens(12)
            .ignoreEos()
            .beams(3)
            .choices(3)
            .promptLogprobs(1)
            .build();
    private static final Request CHOICES = Request.tokens(prompt(8, 60))
            .maxTokens(14)
            .ignoreEos()
            .temperature(1)
            .seed(8)
            .choices(3)
            .build();
    private static final List<String> TURNS = List.of("Who was it?", "Where was the cat?", "Why?");
    private static List<TokenScore> expectedScores = List.of();
    private static List<List<Integer>> expectedChoices = List.of();
    private static final List<List<String>> expectedTalks = new ArrayList<>();
    private static List<Completion> expectedSearch = List.of();

    @BeforeAll
    static void computeEachAlone() {
        try (Engine engine = Engine.builder(TinyModel.folder())
                .threads(2)
                .withoutPrefixCache()
                .load()) {
            for (int kind = 0; kind < KINDS; kind++) {
                REQUESTS.add(request(kind).build());
                EXPECTED.add(engine.complete(REQUESTS.get(kind)).ids());
            }
            expectedScores = engine.score(SCORED, 2);
            expectedSearch = engine.completeAll(SEARCH);
            expectedChoices =
                    engine.completeAll(CHOICES).stream().map(Completion::ids).toList();
            for (int turn = 0; turn < TURNS.size(); turn++) {
                expectedTalks.add(talk(engine, turn));
            }
            assertThat(engine.stats().cachedTokens()).isZero();
        }
    }

    @AfterAll
    static void forget() {
        REQUESTS.clear();
        EXPECTED.clear();
        expectedTalks.clear();
    }

    /** Prompts of a kind begin as others do. */
    static int[] prompt(int kind, int length) {
        int[] ids = new int[length];
        for (int i = 0; i < length; i++) {
            ids[i] = i < 20 * (kind % 5) ? 5 + i % 7 : 10 + (kind * 31 + i * 17) % 200;
        }
        return ids;
    }

    static Request.Builder request(int kind) {
        Request.Builder request = Request.tokens(prompt(kind, 8 + 11 * kind % 150))
                .maxTokens(1 + kind * 7 % 24)
                .ignoreEos()
                .seed(kind)
                .temperature(kind % 3 == 0 ? 0 : 1)
                .priority(kind % 4 == 0 ? 1 : 0)
                .tenant("tenant " + kind % 3);
        return kind % 2 == 0 ? request.isolation("shared") : request;
    }

    static EngineBuilder narrow() {
        return Engine.builder(TinyModel.folder()).threads(2).contextLength(256).cacheBytes(CACHE_BYTES);
    }

    /** How often which outcome came, and what should not have happened. */
    private static final class Outcomes {
        private final Map<Outcome, AtomicInteger> counts = new EnumMap<>(Outcome.class);
        private final ConcurrentLinkedQueue<Throwable> defects = new ConcurrentLinkedQueue<>();

        private enum Outcome {
            COMPLETED,
            SCORED,
            SEARCHED,
            CHOSEN,
            TALKED,
            CANCELLED,
            LATE,
            THREW,
            FAILED
        }

        Outcomes() {
            for (Outcome outcome : Outcome.values()) {
                counts.put(outcome, new AtomicInteger());
            }
        }

        void count(Outcome outcome) {
            counts.getOrDefault(outcome, new AtomicInteger()).incrementAndGet();
        }

        int of(Outcome outcome) {
            return counts.getOrDefault(outcome, new AtomicInteger()).get();
        }
    }

    @Test
    void manyThreads_withCancelsDeadlinesAndDefectsGetTheirOwnAnswers(@TempDir Path folder)
            throws InterruptedException {
        var outcomes = new Outcomes();
        try (Engine engine = narrow().diskCache(folder, CACHE_BYTES / 2).load()) {
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                Random random = new Random(t);
                threads.add(Thread.ofVirtual().start(() -> {
                    for (int i = 0; i < REQUESTS_EACH; i++) {
                        try {
                            outcomes.count(once(engine, random));
                        } catch (RuntimeException | AssertionError e) {
                            outcomes.defects.add(e);
                        }
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(outcomes.defects).isEmpty();
            int sum = 0;
            for (Outcomes.Outcome outcome : Outcomes.Outcome.values()) {
                assertThat(outcomes.of(outcome)).as("%s", outcome).isPositive();
                sum += outcomes.of(outcome);
            }
            assertThat(sum).isEqualTo(THREADS * REQUESTS_EACH);
            engine.complete(REQUESTS.getFirst()); // the loop has dropped what was cancelled before it answers
            assertThat(engine.stats().usedPages()).isZero();
            assertThat(engine.stats().running()).isZero();
            assertThat(engine.stats().waiting()).isZero();
            assertThat(engine.stats().preemptions()).isPositive();
            assertThat(engine.stats().evictions()).isPositive();
            assertThat(engine.stats().cachedTokens()).isPositive();
            assertThat(engine.stats().lower().storedBytes()).isPositive();
            LOG.info("{} requests: {}; {}", sum, outcomes.counts, engine.stats());
        }
        assertThat(folder).isEmptyDirectory();
    }

    private static Outcomes.Outcome once(Engine engine, Random random) {
        int kind = random.nextInt(KINDS);
        return switch (random.nextInt(14)) {
            case 0 -> scored(engine);
            case 1 -> late(engine, kind, 1 + random.nextInt(3_000_000));
            case 2 -> cancelled(engine, kind, random.nextInt(4));
            case 3 -> threw(engine, kind);
            case 4 -> searched(engine);
            case 5 -> searchCancelled(engine, random.nextInt(3_000_000));
            case 6 -> chosen(engine);
            case 7 -> talked(engine, random.nextInt(TURNS.size()));
            case 8 -> failed(engine, kind);
            default -> completed(engine, kind);
        };
    }

    private static Outcomes.Outcome scored(Engine engine) {
        assertThat(engine.score(SCORED, 2)).isEqualTo(expectedScores);
        return Outcomes.Outcome.SCORED;
    }

    private static Outcomes.Outcome searched(Engine engine) {
        List<Completion> found = engine.completeAll(SEARCH);
        assertThat(found.stream().map(Completion::ids))
                .isEqualTo(expectedSearch.stream().map(Completion::ids).toList());
        assertThat(found.getFirst().promptLogprobs())
                .isEqualTo(expectedSearch.getFirst().promptLogprobs());
        return Outcomes.Outcome.SEARCHED;
    }

    private static Outcomes.Outcome chosen(Engine engine) {
        assertThat(engine.completeAll(CHOICES).stream().map(Completion::ids)).isEqualTo(expectedChoices);
        return Outcomes.Outcome.CHOSEN;
    }

    private static Outcomes.Outcome talked(Engine engine, int turn) {
        assertThat(talk(engine, turn)).isEqualTo(expectedTalks.get(turn));
        return Outcomes.Outcome.TALKED;
    }

    /** A conversation that is forked after its first turn, and where each goes to. */
    private static List<String> talk(Engine engine, int turn) {
        Conversation chat = engine.conversation(Message.system("Be brief."))
                .with(r -> r.maxTokens(10).ignoreEos().temperature(0).isolation("talks"));
        String first = chat.send("Tell me a story.").text();
        Conversation fork = chat.fork();
        return List.of(
                first,
                fork.send(TURNS.get(turn)).text(),
                chat.send("Go on.").text(),
                fork.rewind(2).send("Go on.").text());
    }

    private static Outcomes.Outcome failed(Engine engine, int kind) {
        Request request = request(kind)
                .maxTokens(20)
                .logitsProcessor(() -> (logits, position) -> {
                    throw new IllegalStateException("defect of a processor");
                })
                .build();
        assertThatThrownBy(() -> engine.complete(request)).hasStackTraceContaining("defect of a processor");
        return Outcomes.Outcome.FAILED;
    }

    private static Outcomes.Outcome searchCancelled(Engine engine, int nanos) {
        Request one =
                Request.tokens(prompt(7, 70)).maxTokens(90).ignoreEos().beams(4).build();
        try (Generation search = engine.generate(one)) {
            LockSupport.parkNanos(nanos);
            search.close();
            assertThat(search.completion().join().finish()).isIn(FinishReason.CANCELLED, FinishReason.LENGTH);
        }
        return Outcomes.Outcome.CANCELLED;
    }

    private static Outcomes.Outcome late(Engine engine, int kind, int nanos) {
        Completion late = engine.complete(
                request(kind).maxTokens(90).within(Duration.ofNanos(nanos)).build());
        assertThat(late.finish()).isIn(FinishReason.DEADLINE, FinishReason.LENGTH);
        return late.finish() == FinishReason.DEADLINE ? Outcomes.Outcome.LATE : Outcomes.Outcome.COMPLETED;
    }

    private static Outcomes.Outcome cancelled(Engine engine, int kind, int events) {
        int read = events;
        try (Generation generation = engine.generate(REQUESTS.get(kind))) {
            for (Event event : generation) {
                if (read-- == 0 || event instanceof Event.Finished) {
                    break;
                }
            }
        }
        return Outcomes.Outcome.CANCELLED;
    }

    private static Outcomes.Outcome threw(Engine engine, int kind) {
        assertThatThrownBy(() -> {
                    try (Generation generation = engine.generate(REQUESTS.get(kind))) {
                        generation.forEach(event -> {
                            throw new IllegalStateException("defect of a reader");
                        });
                    }
                })
                .hasMessage("defect of a reader");
        return Outcomes.Outcome.THREW;
    }

    private static Outcomes.Outcome completed(Engine engine, int kind) {
        Completion completion = engine.complete(REQUESTS.get(kind));
        assertThat(completion.ids()).as("kind %d", kind).isEqualTo(EXPECTED.get(kind));
        assertThat(completion.usage().cachedTokens())
                .isLessThan(completion.usage().promptTokens());
        return Outcomes.Outcome.COMPLETED;
    }

    @Test
    void close_endsEveryRequestOfManyThreads() throws InterruptedException {
        Engine engine = narrow().load();
        var ended = new AtomicInteger();
        var defects = new ConcurrentLinkedQueue<Throwable>();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 40; t++) {
            Random random = new Random(t);
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        engine.complete(REQUESTS.get(random.nextInt(KINDS)));
                    }
                } catch (EngineClosedException e) {
                    ended.incrementAndGet();
                } catch (RuntimeException e) {
                    defects.add(e);
                }
            }));
        }
        while (engine.stats().outputTokens() < 200) {
            Thread.onSpinWait();
        }
        engine.close();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(defects).isEmpty();
        assertThat(ended).hasValue(40);
        assertThat(engine.stats().usedPages()).isZero();
    }
}
