package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.Completion;
import dev.hearth.Engine;
import dev.hearth.EngineBusyException;
import dev.hearth.EngineClosedException;
import dev.hearth.Event;
import dev.hearth.FinishReason;
import dev.hearth.Generation;
import dev.hearth.Request;
import dev.hearth.TokenScore;
import dev.hearth.tinymodel.TinyModel;
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

/** One engine, many threads, too little memory: every request has an outcome, and those that complete have the same as alone. */
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("try") // generations are closed early on purpose
final class ManyCallersTest {
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
    private static List<TokenScore> expectedScores = List.of();
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
            assertThat(engine.stats().cachedTokens()).isZero();
        }
    }

    @AfterAll
    static void forget() {
        REQUESTS.clear();
        EXPECTED.clear();
    }

    /** Prompts of a kind begin as others do. */
    private static int[] prompt(int kind, int length) {
        int[] ids = new int[length];
        for (int i = 0; i < length; i++) {
            ids[i] = i < 20 * (kind % 5) ? 5 + i % 7 : 10 + (kind * 31 + i * 17) % 200;
        }
        return ids;
    }

    private static Request.Builder request(int kind) {
        Request.Builder request = Request.tokens(prompt(kind, 8 + 11 * kind % 150))
                .maxTokens(1 + kind * 7 % 24)
                .ignoreEos()
                .seed(kind)
                .temperature(kind % 3 == 0 ? 0 : 1)
                .priority(kind % 4 == 0 ? 1 : 0)
                .tenant("tenant " + kind % 3);
        return kind % 2 == 0 ? request.isolation("shared") : request;
    }

    private static Engine narrow() {
        return Engine.builder(TinyModel.folder())
                .threads(2)
                .contextLength(256)
                .cacheBytes(CACHE_BYTES)
                .load();
    }

    /** How often which outcome came, and what should not have happened. */
    private static final class Outcomes {
        private final Map<Outcome, AtomicInteger> counts = new EnumMap<>(Outcome.class);
        private final ConcurrentLinkedQueue<Throwable> defects = new ConcurrentLinkedQueue<>();

        private enum Outcome {
            COMPLETED,
            SCORED,
            SEARCHED,
            CANCELLED,
            LATE,
            THREW
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
    void manyThreads_withCancelsDeadlinesAndDefectsGetTheirOwnAnswers() throws InterruptedException {
        var outcomes = new Outcomes();
        try (Engine engine = narrow()) {
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
        }
    }

    private static Outcomes.Outcome once(Engine engine, Random random) {
        int kind = random.nextInt(KINDS);
        return switch (random.nextInt(10)) {
            case 0 -> scored(engine);
            case 4 -> searched(engine);
            case 5 -> searchCancelled(engine, random.nextInt(3_000_000));
            case 1 -> late(engine, kind, 1 + random.nextInt(3_000_000));
            case 2 -> cancelled(engine, kind, random.nextInt(4));
            case 3 -> threw(engine, kind);
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
        Engine engine = narrow();
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

    @Test
    void prefix_isTakenOverWithinAnIsolationAlone() {
        try (Engine engine = narrow()) {
            int[] prompt = prompt(9, 100);
            Request.Builder mine = Request.tokens(prompt)
                    .maxTokens(5)
                    .ignoreEos()
                    .temperature(0)
                    .isolation("mine");
            Completion first = engine.complete(mine.build());
            Completion again = engine.complete(mine.build());
            Completion others = engine.complete(mine.isolation("another's").build());
            assertThat(first.usage().cachedTokens()).isZero();
            assertThat(again.usage().cachedTokens()).isEqualTo(96);
            assertThat(others.usage().cachedTokens()).isZero();
            assertThat(again.ids()).isEqualTo(first.ids()).isEqualTo(others.ids());
            assertThat(engine.stats().cachedTokens()).isEqualTo(96);
        }
    }

    @Test
    void requests_beyondTheQueueAreRefused() {
        try (Engine engine = Engine.builder(TinyModel.folder())
                .threads(1)
                .maxSequences(1)
                .maxWaiting(2)
                .load()) {
            List<Generation> taken = new ArrayList<>();
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 4; i++) { // one may run, two wait
                            taken.add(engine.generate(request(1).maxTokens(90).build()));
                        }
                    })
                    .isInstanceOf(EngineBusyException.class)
                    .hasMessageContaining("fewer than 2 requests waiting, found 2");
            taken.forEach(Generation::close);
            taken.forEach(generation ->
                    assertThat(generation.completion().join().finish()).isEqualTo(FinishReason.CANCELLED));
            assertThat(engine.stats().refused()).isOne();
        }
    }

    @Test
    void deadline_ofTheFirstTokenEndsWhoWaitsTooLong() {
        try (Engine engine = Engine.builder(TinyModel.folder())
                        .threads(1)
                        .maxSequences(1)
                        .load();
                Generation runs = engine.generate(request(1).maxTokens(900).build())) {
            Completion late = engine.complete(
                    request(2).firstTokenWithin(Duration.ofNanos(1)).build());
            assertThat(late.finish()).isEqualTo(FinishReason.DEADLINE);
            assertThat(late.ids()).isEmpty();
            assertThat(runs.completion()).isNotDone();
        }
    }

    @Test
    void reader_whoStopsHoldsBackItsOwnSequenceAlone() {
        try (Engine engine = Engine.builder(TinyModel.folder()).threads(1).load();
                Generation slow =
                        engine.generate(request(1).maxTokens(700).logprobs(0).build())) { // an event for each token
            var events = slow.iterator();
            Event last = events.next();
            long before;
            long now = 0;
            int quick = 0;
            do { // until it gets no further while others do
                before = now;
                assertThat(engine.complete(REQUESTS.get(1)).ids()).isEqualTo(EXPECTED.get(1));
                now = engine.stats().outputTokens()
                        - ++quick * (long) EXPECTED.get(1).size();
            } while (now != before);
            assertThat(now).isBetween(100L, 300L);
            int read = 1;
            while (events.hasNext()) {
                last = events.next();
                read++;
            }
            assertThat(read).isGreaterThan(700);
            assertThat(last)
                    .isInstanceOfSatisfying(
                            Event.Finished.class,
                            f -> assertThat(f.usage().outputTokens()).isEqualTo(700));
        }
    }
}
