package dev.hearth.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.state.StateCache;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sequences that go on from where another of their request is. */
class ForksTest {
    private static final int PROMPT = StateCache.PAGE_SIZE + 8;

    private final PageMemory memory = new PageMemory(8);
    private Scheduler scheduler = scheduler(memory, 8);

    private static Scheduler scheduler(PageMemory memory, int sequences) {
        return new Scheduler(memory.cache(), new Scheduler.Limits(64, sequences), false);
    }

    private static Script script() {
        int[] prompt = new int[PROMPT];
        Arrays.fill(prompt, 1);
        return Script.generating(4, prompt);
    }

    /** A request whose prompt is computed, and that waits. */
    private Sequence computed() {
        return computed(memory);
    }

    private Sequence computed(PageMemory pages) {
        Sequence parent = script().sequence(Terms.DEFAULT, scheduler::follow);
        scheduler.add(parent);
        while (parent.pending() > 0) {
            step(pages, parent);
        }
        return parent;
    }

    private void step(PageMemory pages, Sequence... expected) {
        List<Sequence> chosen = scheduler.plan(Sequence.Output.LOGITS);
        assertThat(chosen).containsExactly(expected);
        chosen.forEach(pages::compute);
        scheduler.done(chosen);
    }

    private static TokenList longer(Sequence sequence, int token) {
        TokenList tokens = new TokenList(sequence.tokens.from(0));
        tokens.add(token);
        return tokens;
    }

    @Test
    void fork_sharesWholePagesAndCopiesTheRest() {
        Sequence parent = computed();
        Sequence fork = parent.fork(longer(parent, 2), script());
        assertThat(fork.computed).isEqualTo(PROMPT);
        assertThat(fork.generates()).isTrue();
        assertThat(fork.heldState().page(0, 0)).isEqualTo(parent.heldState().page(0, 0));
        assertThat(fork.heldState().page(0, 1)).isNotEqualTo(parent.heldState().page(0, 1));
        assertThat(scheduler.running()).containsExactly(parent, fork);
        assertThat(fork.trunk()).isSameAs(parent);
        parent.tokens.add(3);
        assertThat(scheduler.plan(Sequence.Output.LOGITS)).containsExactly(parent, fork);
        scheduler.remove(parent);
        scheduler.remove(fork);
        memory.expectNothingHeld();
    }

    @Test
    void fork_withoutRoomWaitsToBeComputedAgain() {
        scheduler = scheduler(memory, 1);
        Sequence parent = computed();
        Sequence fork = parent.fork(longer(parent, 2), script());
        assertThat(fork.state).isNull();
        assertThat(fork.again()).isEqualTo(PROMPT);
        assertThat(scheduler.all()).containsExactlyInAnyOrder(parent, fork);
        assertThat(scheduler.waitingCount()).as("a fork is no request").isZero();
        ((Script) parent.listener).ready = false;
        assertThat(scheduler.plan(Sequence.Output.LOGITS))
                .as("whoever waits for others makes room")
                .containsExactly(fork);
        assertThat(parent.state).isNull();
        scheduler.remove(parent);
        scheduler.remove(fork);
        memory.expectNothingHeld();
    }

    @Test
    void follow_dropsWhatASequenceWas() {
        Sequence parent = computed();
        Sequence one = parent.fork(longer(parent, 2), script());
        one.follow(parent, longer(parent, 4));
        assertThat(one.tokens.get(PROMPT)).isEqualTo(4);
        assertThat(one.computed).isEqualTo(PROMPT);
        Sequence two = parent.fork(longer(parent, 5), script());
        assertThat(scheduler.running()).containsExactly(parent, one, two);
        assertThat(memory.cache().usedPages()).isEqualTo(2 * (1 + 3));
        List.of(parent, one, two).forEach(scheduler::remove);
        memory.expectNothingHeld();
    }

    @ParameterizedTest
    @EnumSource
    void fork_leavesWholePagesToThoseThatBeginAsItDid(PageMemory.Kind kind) {
        PageMemory pages = new PageMemory(kind, 16);
        scheduler = scheduler(pages, 8);
        Sequence parent = computed(pages);
        Sequence fork = parent.fork(longer(parent, 2), script());
        TokenList said = fork.tokens;
        while (said.size() < 3 * StateCache.PAGE_SIZE + 5) {
            step(pages, fork);
            said.add(said.size() % 3);
        }
        scheduler.remove(fork);
        scheduler.remove(parent);
        Sequence next = Script.generating(1, said.from(0)).sequence(Terms.DEFAULT);
        scheduler.add(next);
        assertThat(scheduler.plan(Sequence.Output.LOGITS)).containsExactly(next);
        assertThat(next.computed).isEqualTo(3 * StateCache.PAGE_SIZE);
        pages.compute(next);
        scheduler.remove(next);
        pages.expectNothingHeld();
    }
}
