package dev.hearth.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How prompts beside sequences that generate are held back. */
class PaceTest {
    private final Pace pace = new Pace(Duration.ofMillis(100), 256);

    private void computed(int tokens, int millis) {
        pace.computed(0, tokens, millis * 1_000_000L);
    }

    @Test
    void budget_isAllUntilSomethingWasMeasured() {
        assertThat(pace.mostTokens(4)).isEqualTo(256);
        computed(Pace.LEAST - 1, 1000);
        pace.computed(100, 0, 1_000_000_000);
        assertThat(pace.mostTokens(4)).as("steps of few tokens say nothing").isEqualTo(256);
    }

    @Test
    void budget_isWhatFitsByTheMean() {
        computed(200, 400);
        assertThat(pace.mostTokens(4)).isEqualTo(50);
        computed(100, 50);
        assertThat(pace.mostTokens(4)).isEqualTo((int) (100 * 280 / 410.0));
        for (int i = 0; i < 100; i++) {
            computed(100, 50);
        }
        assertThat(pace.mostTokens(4)).as("what was long ago fades").isBetween(199, 200);
        for (int i = 0; i < 100; i++) {
            computed(256, 2);
        }
        assertThat(pace.mostTokens(4)).isEqualTo(256);
    }

    @Test
    void budget_leavesPromptsALeast() {
        computed(100, 10_000);
        assertThat(pace.mostTokens(4)).isEqualTo(4 + Pace.LEAST);
        assertThat(pace.mostTokens(250)).isEqualTo(256);
    }

    @Test
    void budget_settlesWhereAStepTakesThatLong() {
        int tokens = 256;
        for (int i = 0; i < 200; i++) {
            pace.computed(8, tokens - 8, 20_000_000L + tokens * 1_000_000L); // 20 ms and 1 ms a token
            tokens = pace.mostTokens(8);
        }
        assertThat(tokens).isBetween(75, 85);
    }

    @Test
    void plan_holdsBackPromptsWhereOthersGenerate() {
        PageMemory memory = new PageMemory(64);
        Scheduler scheduler = new Scheduler(memory.cache(), new Scheduler.Limits(256, 8), false);
        int[] prompt = new int[300];
        Arrays.fill(prompt, 1);
        Sequence first = Script.generating(4, prompt).sequence(Terms.DEFAULT);
        scheduler.add(first);
        scheduler.mix(generating -> generating + 20);
        assertThat(planned(memory, scheduler)).as("nobody generates").containsExactly(256);
        assertThat(planned(memory, scheduler)).containsExactly(44);
        first.tokens.add(1);
        prompt[0] = 2;
        scheduler.add(Script.generating(4, prompt).sequence(Terms.DEFAULT));
        assertThat(planned(memory, scheduler)).containsExactly(1, 20);
        first.tokens.add(1);
        scheduler.mix(generating -> 256);
        assertThat(planned(memory, scheduler)).containsExactly(1, 255);
    }

    private static List<Integer> planned(PageMemory memory, Scheduler scheduler) {
        List<Sequence> chosen = scheduler.plan(Sequence.Output.LOGITS);
        List<Integer> planned = chosen.stream().map(s -> s.planned).toList();
        chosen.forEach(memory::compute);
        scheduler.done(chosen);
        return planned;
    }
}
