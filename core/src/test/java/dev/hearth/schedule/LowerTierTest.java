package dev.hearth.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.schedule.PageMemory.MemoryStore;
import dev.hearth.state.LoadCosts;
import dev.hearth.state.LowerTier;
import dev.hearth.state.StateCache;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What went from the cache and comes back, by hand. */
class LowerTierTest {
    private static final int PAGE = StateCache.PAGE_SIZE;

    private PageMemory memory = new PageMemory(12);
    private Scheduler scheduler = scheduler();
    private final Deque<Runnable> work = new ArrayDeque<>();

    private Scheduler scheduler() {
        return new Scheduler(memory.cache(), new Scheduler.Limits(1024, 8), false);
    }

    /** Of a byte that takes 1 ns to read, and a token that takes so many to compute. */
    private static LoadCosts costs(int nanosPerToken) {
        LoadCosts costs = new LoadCosts();
        costs.read(1L << 40, 1L << 40); // so many that what a test reads changes nothing
        costs.computed(1 << 30, (long) nanosPerToken << 30);
        return costs;
    }

    private void work() {
        while (!work.isEmpty()) {
            work.remove().run();
        }
    }

    private LowerTier.Counts counts() {
        return memory.cache().lower().orElseThrow().counts();
    }

    private Sequence add(int tokens, int token) {
        int[] prompt = new int[tokens];
        Arrays.fill(prompt, token);
        Sequence sequence = Script.generating(1, prompt).sequence(Terms.DEFAULT);
        scheduler.add(sequence);
        return sequence;
    }

    /** Runs a step; how many tokens it had. */
    private int step() {
        List<Sequence> chosen = scheduler.plan(Sequence.Output.LOGITS);
        int tokens = chosen.stream().mapToInt(s -> s.planned).sum();
        chosen.forEach(memory::compute);
        scheduler.done(chosen);
        chosen.stream().filter(s -> s.pending() == 0).forEach(scheduler::remove);
        return tokens;
    }

    /** Fills the cache with others, so that what was kept goes. */
    private void pushOut() {
        for (int token = 5; token < 15; token++) {
            Sequence other = add(9 * PAGE, token);
            while (scheduler.all().contains(other)) {
                step();
                work();
            }
        }
    }

    private int tokensOf(Sequence sequence) {
        int computed = 0;
        int rounds = 0;
        while (scheduler.all().contains(sequence)) {
            computed += step();
            work();
            assertThat(++rounds).isLessThan(1000);
        }
        return computed;
    }

    @ParameterizedTest
    @EnumSource(PageMemory.Kind.class)
    void whatWentIsReadWhereThatIsQuicker(PageMemory.Kind kind) {
        memory = new PageMemory(kind, 12);
        scheduler = scheduler();
        memory.keepBelow(1000, work::add, costs(1_000_000));
        tokensOf(add(4 * PAGE + 3, 1));
        pushOut();
        assertThat(counts().heldBytes()).isPositive();
        Sequence again = add(4 * PAGE + 3, 1);
        assertThat(step()).as("it waits for its pages").isZero();
        assertThat(scheduler.stuck()).isNull();
        assertThat(tokensOf(again)).isEqualTo(3);
        assertThat(counts().loadedTokens()).isEqualTo(4 * PAGE);
        assertThat(counts().loadedBytes()).isPositive();
        memory.expectNothingHeld();
    }

    @Test
    void whatWentIsComputedWhereThatIsQuicker() {
        memory.keepBelow(1000, work::add, costs(1));
        tokensOf(add(4 * PAGE + 3, 1));
        pushOut();
        assertThat(tokensOf(add(4 * PAGE + 3, 1))).isEqualTo(4 * PAGE + 3);
        assertThat(counts().loadedBytes()).isZero();
    }

    @Test
    void storeThatBreaks_isGivenUpAndEverythingComputed() {
        MemoryStore store = memory.keepBelow(1000, work::add, costs(1_000_000));
        tokensOf(add(4 * PAGE + 3, 1));
        pushOut();
        store.worksUntil = 2;
        assertThat(tokensOf(add(4 * PAGE + 3, 1))).isBetween(4, 4 * PAGE + 3);
        assertThat(counts().heldBytes()).isZero();
        pushOut();
        assertThat(counts().heldBytes()).isZero();
        memory.expectNothingHeld();
    }

    @Test
    void bytesThatChanged_areNeverTaken() {
        MemoryStore store = memory.keepBelow(1000, work::add, costs(1_000_000));
        tokensOf(add(4 * PAGE + 3, 1));
        pushOut();
        store.spoil();
        assertThat(tokensOf(add(4 * PAGE + 3, 1))).isEqualTo(4 * PAGE + 3);
        assertThat(counts().loadedBytes()).isZero();
    }

    @Test
    void sequenceThatIsCancelled_wantsNothingMore() {
        memory.keepBelow(1000, work::add, costs(1_000_000));
        tokensOf(add(4 * PAGE + 3, 1));
        pushOut();
        Sequence again = add(4 * PAGE + 3, 1);
        assertThat(step()).isZero();
        scheduler.remove(again);
        work();
        assertThat(step()).isZero();
        assertThat(scheduler.isLoading()).isFalse();
        memory.expectNothingHeld();
    }

    @Test
    void keyThatIsDropped_isDroppedBelowToo() {
        memory.keepBelow(1000, work::add, costs(1_000_000));
        tokensOf(add(4 * PAGE + 3, 1));
        pushOut();
        memory.cache().dropPrefixes("");
        assertThat(counts().heldBytes()).isZero();
        assertThat(tokensOf(add(4 * PAGE + 3, 1))).isEqualTo(4 * PAGE + 3);
    }

    @Test
    void sequenceThatGaveUpItsPages_getsThemBack() {
        memory.keepBelow(1000, work::add, costs(1_000_000));
        Sequence low = add(8 * PAGE + 1, 1);
        step();
        pushOut(low);
        assertThat(step()).isZero();
        assertThat(tokensOf(low)).isOne();
        assertThat(counts().loadedTokens()).isPositive();
    }

    @Test
    void sequenceThatWantsAllResults_getsBackWhatItHasHadResultsOf() {
        memory.keepBelow(1000, work::add, costs(1_000_000));
        Sequence low = scoring(5 * PAGE);
        step();
        pushOut(low);
        assertThat(step()).isZero();
        assertThat(tokensOf(low)).isEqualTo(3 * PAGE + 1);
        assertThat(tokensOf(scoring(256))).as("it has had none").isEqualTo(8 * PAGE + 1);
    }

    private Sequence scoring(int chunkLimit) {
        TokenList tokens = new TokenList(filled(8 * PAGE + 1, 1));
        Sequence sequence =
                new Script(tokens, 0, Chunk.Logits.ALL, Sequence.Output.LOGITS, chunkLimit).sequence(Terms.DEFAULT);
        scheduler.add(sequence);
        return sequence;
    }

    /** Another of higher priority takes the pages of a sequence, and ends after a step. */
    private void pushOut(Sequence low) {
        Sequence high =
                Script.generating(3, filled(11 * PAGE, 2)).sequence(new Terms(1, "", "", Terms.NEVER, Terms.NEVER));
        scheduler.add(high);
        step();
        work();
        assertThat(low.course.preemptions).isOne();
        scheduler.remove(high);
    }

    private static int[] filled(int count, int token) {
        int[] tokens = new int[count];
        Arrays.fill(tokens, token);
        return tokens;
    }
}
