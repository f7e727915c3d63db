package dev.hearth.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.state.StateCache;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What goes into a step, by hand. */
class SchedulerTest {
    private static final int PAGE = StateCache.PAGE_SIZE;

    private PageMemory memory = new PageMemory(16);
    private Scheduler scheduler = scheduler(64, 8);

    private Scheduler scheduler(int tokens, int sequences) {
        return new Scheduler(memory.cache(), new Scheduler.Limits(tokens, sequences), false);
    }

    private static int[] prompt(int count, int token) {
        int[] prompt = new int[count];
        Arrays.fill(prompt, token);
        return prompt;
    }

    private static Terms priority(int priority) {
        return new Terms(priority, "", "", Terms.NEVER, Terms.NEVER);
    }

    private static Terms tenant(String name) {
        return new Terms(0, name, name, Terms.NEVER, Terms.NEVER);
    }

    private Sequence add(Script script, Terms terms) {
        Sequence sequence = script.sequence(terms);
        scheduler.add(sequence);
        return sequence;
    }

    /** Runs a step; how many tokens it had of each of these. */
    private List<Integer> step(Sequence... seen) {
        List<Sequence> chosen = scheduler.plan(Sequence.Output.LOGITS);
        List<Integer> planned =
                Arrays.stream(seen).map(s -> chosen.contains(s) ? s.planned : 0).toList();
        List<int[]> ranges = new ArrayList<>();
        for (Sequence sequence : chosen) {
            memory.compute(sequence);
            ranges.add(new int[] {sequence.computed, sequence.computed + sequence.planned});
        }
        scheduler.done(chosen);
        for (int i = 0; i < chosen.size(); i++) {
            if (chosen.get(i).pending() == 0) {
                int end = ranges.get(i)[1];
                ((Script) chosen.get(i).listener).results(end - 1, end);
            }
            if (chosen.get(i).pending() == 0) {
                scheduler.remove(chosen.get(i));
            }
        }
        return planned;
    }

    @Test
    void step_takesGeneratingSequencesFirstThenChunksOfPrompts() {
        Sequence first = add(Script.generating(5, prompt(40, 1)), Terms.DEFAULT);
        Sequence second = add(Script.generating(5, prompt(100, 2)), Terms.DEFAULT);
        assertThat(step(first, second)).containsExactly(40, 24);
        assertThat(step(first, second)).containsExactly(1, 63);
        assertThat(step(first, second)).containsExactly(1, 13);
        assertThat(step(first, second)).containsExactly(1, 1);
    }

    @Test
    void prompt_startsWhereAnotherBeganAlike() {
        Sequence first = add(Script.generating(1, prompt(3 * PAGE, 1)), Terms.DEFAULT);
        assertThat(step(first)).containsExactly(64);
        assertThat(step(first)).containsExactly(32);
        Sequence alike = add(Script.generating(1, prompt(3 * PAGE, 1)), Terms.DEFAULT);
        assertThat(step(alike)).as("its last page has to give a result").containsExactly(PAGE);
        Sequence longer = add(Script.generating(1, prompt(3 * PAGE + 1, 1)), Terms.DEFAULT);
        assertThat(step(longer)).containsExactly(1);
        Sequence other = add(Script.generating(1, prompt(3 * PAGE, 1)), tenant("another isolation"));
        assertThat(step(other)).containsExactly(64);
    }

    @Test
    void stateOfFixedSize_isLeftWhereAPromptEndsAndWherePromptsPart() {
        memory = new PageMemory(PageMemory.Kind.HYBRID, 64);
        scheduler = scheduler(64, 8);
        int[] prompt = prompt(4 * PAGE + 5, 1);
        Sequence first = add(Script.generating(1, prompt), Terms.DEFAULT);
        assertThat(step(first)).containsExactly(2 * PAGE);
        assertThat(step(first)).as("up to its last whole page").containsExactly(2 * PAGE);
        assertThat(step(first)).containsExactly(5);
        assertThat(step(add(Script.generating(1, prompt), Terms.DEFAULT))).containsExactly(5);
        prompt[PAGE + 3] = 2;
        Sequence parts = add(Script.generating(1, prompt), Terms.DEFAULT);
        assertThat(step(parts)).as("a page that both have").containsExactly(PAGE);
        assertThat(step(parts)).containsExactly(2 * PAGE);
        assertThat(step(parts)).containsExactly(PAGE);
        assertThat(step(parts)).containsExactly(5);
        prompt[PAGE + 3] = 0;
        Sequence alike = add(Script.generating(1, prompt), Terms.DEFAULT);
        assertThat(step(alike)).as("goes on from there").containsExactly(2 * PAGE);
        assertThat(alike.computed).isEqualTo(3 * PAGE);
    }

    @Test
    void stateOfFixedSize_isLeftAtTheEndOfAnAnswer() {
        memory = new PageMemory(PageMemory.Kind.RECURRENT, 16);
        scheduler = scheduler(64, 8);
        Script script = Script.generating(3 * PAGE, prompt(PAGE, 1));
        Sequence first = add(script, Terms.DEFAULT);
        while (!scheduler.all().isEmpty()) {
            step(first);
        }
        TokenList turn = new TokenList(script.tokens.from(0));
        turn.add(1);
        turn.add(2);
        Sequence second = add(new Script(turn, 1, Chunk.Logits.LAST, Sequence.Output.LOGITS, 256), Terms.DEFAULT);
        assertThat(step(second)).as("from the answer's last whole page").containsExactly(PAGE);
        assertThat(second.computed).isEqualTo(4 * PAGE);
        assertThat(step(second)).containsExactly(1);
        memory.expectNothingHeld();
    }

    @Test
    void priority_goesBeforeWhoCameEarlierAndTakesItsPages() {
        Sequence low = add(Script.generating(9, prompt(10 * PAGE, 1)), Terms.DEFAULT);
        for (int i = 0; i < 5; i++) {
            step(low);
        }
        Sequence waits = add(Script.generating(1, prompt(9 * PAGE, 2)), Terms.DEFAULT);
        assertThat(step(low, waits)).containsExactly(1, 0);
        Sequence high = add(Script.generating(1, prompt(9 * PAGE, 0)), priority(1));
        assertThat(step(low, high)).containsExactly(0, 64);
        assertThat(scheduler.preemptions()).isOne();
        for (int i = 0; i < 4; i++) {
            step();
        }
        assertThat(scheduler.all()).containsExactlyInAnyOrder(low, waits);
        assertThat(step(low, waits))
                .as("it came first")
                .satisfiesExactly(
                        n -> assertThat(n).isPositive(), n -> assertThat(n).isNotNegative());
    }

    @Test
    void tenants_getEqualSharesWhateverTheyAskFor() {
        scheduler = scheduler(32, 1);
        List<Sequence> greedy = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            greedy.add(add(Script.generating(1, prompt(32, i)), tenant("greedy")));
        }
        Sequence modest = add(Script.generating(1, prompt(32, 9)), tenant("modest"));
        assertThat(step(greedy.getFirst(), modest)).containsExactly(32, 0);
        assertThat(step(greedy.get(1), modest)).containsExactly(0, 32);
        Sequence again = add(Script.generating(1, prompt(32, 10)), tenant("modest"));
        assertThat(step(greedy.get(1), again))
                .as("it was served as much, and came later")
                .containsExactly(32, 0);
        assertThat(step(greedy.get(2), again)).containsExactly(0, 32);
    }

    @Test
    void pagesThatRunOut_areTakenFromWhoCameLast() {
        scheduler = scheduler(256, 8);
        Script firstScript = Script.generating(5 * PAGE, prompt(7 * PAGE, 1));
        Script secondScript = Script.generating(5 * PAGE, prompt(7 * PAGE, 2));
        Sequence first = add(firstScript, Terms.DEFAULT);
        Sequence second = add(secondScript, Terms.DEFAULT);
        int steps = 0;
        while (!scheduler.all().isEmpty()) {
            step(first, second);
            assertThat(++steps).isLessThan(1000);
        }
        firstScript.expectAllResults();
        secondScript.expectAllResults();
        assertThat(scheduler.preemptions()).isPositive();
        memory.expectNothingHeld();
    }

    @Test
    void readerThatFallsBehind_losesItsPagesToOthersAndNothingElse() {
        scheduler = scheduler(256, 8);
        Script slowScript = Script.generating(PAGE, prompt(9 * PAGE, 1));
        Sequence slow = add(slowScript, Terms.DEFAULT);
        step(slow);
        step(slow);
        slowScript.ready = false;
        Script quickScript = Script.generating(PAGE, prompt(9 * PAGE, 2));
        Sequence quick = add(quickScript, Terms.DEFAULT);
        while (scheduler.all().contains(quick)) {
            assertThat(step(slow, quick).getFirst()).isZero();
        }
        quickScript.expectAllResults();
        assertThat(step(slow)).containsExactly(0);
        assertThat(scheduler.stuck()).isNull();
        slowScript.ready = true;
        while (!scheduler.all().isEmpty()) {
            assertThat(step(slow).getFirst()).isPositive();
        }
        slowScript.expectAllResults();
        memory.expectNothingHeld();
    }

    @Test
    void deadlines_ofFirstResultsCountUntilThereIsOne() {
        Sequence first = add(Script.generating(3, 1), new Terms(0, "", "", 100, 200));
        Sequence late = add(Script.generating(3, 2), new Terms(0, "", "", 150, Terms.NEVER));
        assertThat(scheduler.late(99)).isEmpty();
        first.answered = true;
        assertThat(scheduler.late(149)).isEmpty();
        assertThat(scheduler.late(150)).containsExactly(late);
        scheduler.remove(late);
        assertThat(scheduler.nextDeadline()).isEqualTo(200);
        assertThat(scheduler.late(200)).containsExactly(first);
    }
}
