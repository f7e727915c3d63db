package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.Completion;
import dev.hearth.Engine;
import dev.hearth.EngineBusyException;
import dev.hearth.Event;
import dev.hearth.FinishReason;
import dev.hearth.Generation;
import dev.hearth.Request;
import dev.hearth.tinymodel.TinyModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What callers are to one another: apart, in a queue with an end, and none held back by another who doesn't read. */
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("try") // generations are closed early on purpose
final class OtherCallersTest {
    @Test
    void prefix_isTakenOverWithinAnIsolationAlone() {
        try (Engine engine = ManyCallersTest.narrow().load()) {
            int[] prompt = ManyCallersTest.prompt(9, 100);
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
                            taken.add(engine.generate(
                                    ManyCallersTest.request(1).maxTokens(90).build()));
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
                Generation runs = engine.generate(
                        ManyCallersTest.request(1).maxTokens(900).build())) {
            Completion late = engine.complete(ManyCallersTest.request(2)
                    .firstTokenWithin(Duration.ofNanos(1))
                    .build());
            assertThat(late.finish()).isEqualTo(FinishReason.DEADLINE);
            assertThat(late.ids()).isEmpty();
            assertThat(runs.completion()).isNotDone();
        }
    }

    @Test
    void reader_whoStopsHoldsBackItsOwnSequenceAlone() {
        try (Engine engine = Engine.builder(TinyModel.folder()).threads(1).load();
                Generation slow = engine.generate(
                        ManyCallersTest.request(1).maxTokens(700).logprobs(0).build())) { // an event for each token
            Request other = ManyCallersTest.request(1).build();
            List<Integer> expected = engine.complete(other).ids();
            var events = slow.iterator();
            Event last = events.next();
            long before;
            long now = 0;
            int quick = 1;
            do { // until it gets no further while others do
                before = now;
                assertThat(engine.complete(other).ids()).isEqualTo(expected);
                now = engine.stats().outputTokens() - ++quick * (long) expected.size();
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
