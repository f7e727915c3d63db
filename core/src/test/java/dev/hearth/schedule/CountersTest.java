package dev.hearth.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is counted of sequences whose times are known. */
class CountersTest {
    private final PageMemory memory = new PageMemory(16);
    private final Scheduler scheduler = new Scheduler(memory.cache(), new Scheduler.Limits(64, 8), false);
    private final Counters counters = new Counters();

    private static Sequence sequence(int answerTokens, int... prompt) {
        return Script.generating(answerTokens, prompt).sequence(Terms.DEFAULT); // submitted at 0
    }

    private static Duration nanos(long nanos) {
        return Duration.ofNanos(nanos);
    }

    @Test
    void latencies_areTimedFromTheArrival() {
        Sequence sequence = sequence(3, 1, 2);
        counters.started(sequence, 100);
        counters.token(sequence, 150);
        counters.token(sequence, 160);
        counters.token(sequence, 190);
        counters.ended(sequence, Sequence.End.DONE, 200);
        Latencies latencies = counters.latencies();
        assertThat(latencies.queue().total()).isEqualTo(nanos(100));
        assertThat(latencies.firstToken().total()).isEqualTo(nanos(150));
        assertThat(latencies.interToken().count()).isEqualTo(2);
        assertThat(latencies.interToken().total()).isEqualTo(nanos(40));
        assertThat(latencies.interToken().max()).isEqualTo(nanos(30));
        assertThat(latencies.perToken().total()).isEqualTo(nanos(20));
        assertThat(latencies.request().total()).isEqualTo(nanos(200));
    }

    @Test
    void cancelled_hasNoTimeOfARequest() {
        Sequence sequence = sequence(3, 1, 2);
        counters.started(sequence, 100);
        counters.token(sequence, 150);
        counters.token(sequence, 160);
        counters.ended(sequence, Sequence.End.CANCELLED, 200);
        assertThat(counters.latencies().request().count()).isZero();
        assertThat(counters.latencies().perToken().count()).isZero();
        assertThat(counters.latencies().firstToken().count()).isOne();
    }

    @Test
    void ends_areCountedApart() {
        int times = 0;
        for (Sequence.End end : Sequence.End.values()) {
            times++;
            for (int i = 0; i < times; i++) {
                counters.ended(sequence(1, 1), end, 5);
            }
        }
        EngineStats.Ends ends = counters.look(scheduler, memory.cache(), 0).ends();
        assertThat(Arrays.stream(Sequence.End.values()).map(ends::of)).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void look_showsPagesAndTokens() {
        Sequence sequence = sequence(2, 1, 2, 3);
        scheduler.add(sequence);
        List<Sequence> chosen = scheduler.plan(Sequence.Output.LOGITS);
        counters.started(sequence, 10);
        counters.stepped(chosen, 7, memory.cache());
        counters.token(sequence, 20);
        EngineStats stats = counters.look(scheduler, memory.cache(), 0);
        assertThat(stats.running()).isOne();
        assertThat(stats.pageLimit()).as("of two groups").isEqualTo(32);
        assertThat(stats.usedPages()).isEqualTo(2);
        assertThat(stats.freePages()).isEqualTo(30);
        assertThat(stats.steps()).isOne();
        assertThat(stats.stepTokens()).isEqualTo(3);
        assertThat(stats.tokensPerStep()).isEqualTo(3);
        assertThat(stats.promptTokens()).isEqualTo(3);
        assertThat(stats.cacheHitRate()).isZero();
        assertThat(stats.outputTokens()).isOne();
        assertThat(counters.latencies().step().total()).isEqualTo(nanos(7));
    }
}
