package dev.hearth.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.state.LoadCosts;
import dev.hearth.state.StateCache;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/** The scheduler under arrivals, readers that stop, forks, cancellations and pages that run out, in any order. */
class SchedulerPropertiesTest {
    private static final String[] TENANTS = {"", "a", "b"};

    /** One run, drawn from a seed. */
    private static final class Run {
        final Random random;
        final int most; // positions of a sequence
        final int budget;
        final int sequences; // that may hold state
        final PageMemory memory;
        final Scheduler scheduler;
        final List<Sequence> all = new ArrayList<>();
        final List<Sequence> cancelled = new ArrayList<>();
        final Deque<Runnable> work = new ArrayDeque<>();
        int branches; // forks and followers that may yet be
        PageMemory.@Nullable MemoryStore store;

        Run(PageMemory.Kind kind, long seed) {
            random = new Random(seed);
            int pageLimit = 4 + random.nextInt(12);
            budget = 1 + random.nextInt(80);
            branches = random.nextInt(3) * 12;
            memory = new PageMemory(kind, pageLimit);
            most = Math.min(pageLimit * StateCache.PAGE_SIZE, memory.cache().positionLimit());
            sequences = 1 + random.nextInt(6);
            scheduler = new Scheduler(memory.cache(), new Scheduler.Limits(budget, sequences), false);
            if (random.nextInt(5) == 0) {
                memory.cache().forgetPrefixes();
            } else if (random.nextInt(3) > 0) {
                LoadCosts costs = new LoadCosts();
                if (random.nextBoolean()) {
                    costs.read(1, 1);
                    costs.computed(1, 1 + random.nextInt(100)); // nanoseconds: of a token, as much as so many bytes
                }
                store = memory.keepBelow(1 + random.nextInt(40), work::add, costs);
                if (random.nextInt(4) == 0) {
                    store.worksUntil = random.nextInt(60);
                }
            }
        }

        /** The worker does so much of what it has to. */
        void work(int tasks) {
            for (int i = 0; i < tasks && !work.isEmpty(); i++) {
                work.remove().run();
            }
        }

        void arrive() {
            int length = 1 + random.nextInt(most - 1);
            int[] prompt = new int[length];
            int changes = random.nextInt(length); // prompts begin alike up to there
            for (int i = 0; i < length; i++) {
                prompt[i] = i < changes ? 1 : random.nextInt(2);
            }
            boolean scores = random.nextInt(4) == 0;
            Script script = new Script(
                    new TokenList(prompt),
                    scores ? 0 : 1 + random.nextInt(most - length + 1),
                    scores ? Chunk.Logits.ALL : Chunk.Logits.LAST,
                    random.nextInt(5) == 0 ? Sequence.Output.HIDDEN : Sequence.Output.LOGITS,
                    1 + random.nextInt(64));
            String tenant = TENANTS[random.nextInt(TENANTS.length)];
            Terms terms = new Terms(random.nextInt(3), tenant, tenant, Terms.NEVER, Terms.NEVER);
            Sequence sequence = script.sequence(terms, scheduler::follow);
            all.add(sequence);
            scheduler.add(sequence);
        }

        void disturb() {
            if (!all.isEmpty()) {
                Sequence one = all.get(random.nextInt(all.size()));
                if (random.nextInt(3) > 0) {
                    ((Script) one.listener).ready ^= true;
                } else {
                    cancel(one);
                    one.forks.forEach(this::cancel);
                }
            }
        }

        private void cancel(Sequence sequence) {
            if (scheduler.remove(sequence)) {
                cancelled.add(sequence);
            }
        }

        private List<Sequence> parked() {
            return scheduler.all().stream()
                    .filter(s -> ((Script) s.listener).parked)
                    .toList();
        }

        /** Of those that have all their results, some are forked from, or followed by others of their request, go on, or are given up. */
        void branch() {
            for (Sequence one : parked()) {
                Script script = (Script) one.listener;
                int room = most - one.tokens.size();
                if (!script.parked) {
                    continue; // follows another by now
                }
                if (room == 0 || branches == 0 || random.nextInt(6) == 0) {
                    scheduler.remove(one);
                } else if (random.nextInt(3) == 0) {
                    script.goOn(1 + random.nextInt(room));
                } else if (random.nextBoolean()) {
                    branches--;
                    branchFrom(one, script, room);
                }
            }
        }

        private void branchFrom(Sequence one, Script script, int room) {
            List<Sequence> others = scheduler.all().stream()
                    .filter(s -> s != one && s.trunk() == one.trunk())
                    .toList();
            int token = random.nextInt(3);
            int answers = 1 + random.nextInt(random.nextBoolean() ? room : 1);
            if (others.isEmpty() || random.nextBoolean()) {
                all.add(script.fork(one, token, answers));
            } else {
                script.follow(others.get(random.nextInt(others.size())), one, token, answers);
            }
        }

        /** A step of each kind; whether there was anything to compute. */
        boolean step() {
            boolean any = false;
            for (Sequence.Output output : Sequence.Output.values()) {
                List<Sequence> chosen = scheduler.plan(output);
                any |= !chosen.isEmpty();
                assertThat(chosen).doesNotHaveDuplicates();
                assertThat(scheduler.running()).hasSizeLessThanOrEqualTo(sequences);
                assertThat(chosen.stream().mapToInt(s -> s.planned).sum()).isLessThanOrEqualTo(budget);
                List<int[]> ranges = new ArrayList<>();
                for (Sequence sequence : chosen) {
                    assertThat(sequence.listener.ready()).isTrue();
                    assertThat(sequence.listener.output()).isEqualTo(output);
                    assertThat(sequence.planned).isBetween(1, sequence.pending());
                    ranges.add(new int[] {sequence.computed, sequence.computed + sequence.planned, sequence.reached});
                    memory.compute(sequence);
                }
                scheduler.done(chosen);
                for (int i = 0; i < chosen.size(); i++) {
                    results(chosen.get(i), ranges.get(i));
                }
                branch();
            }
            return any;
        }

        private void results(Sequence sequence, int[] range) {
            Script script = (Script) sequence.listener;
            if (script.wanted == Chunk.Logits.ALL && range[1] > range[2]) {
                assertThat(range[0]).isGreaterThanOrEqualTo(range[2]);
                script.results(range[0], range[1]);
            } else if (script.wanted == Chunk.Logits.LAST && sequence.pending() == 0) {
                script.results(range[1] - 1, range[1]);
            }
            if (sequence.pending() == 0 && branches > 0) {
                script.parked = true;
            } else if (sequence.pending() == 0) {
                scheduler.remove(sequence);
            }
        }
    }

    @Property(tries = 1000)
    void everySequence_getsItsResultsOnceAndNoPageIsLost(@ForAll PageMemory.Kind kind, @ForAll long seed) {
        Run run = new Run(kind, seed);
        for (int i = 0; i < 60; i++) {
            switch (run.random.nextInt(5)) {
                case 0 -> run.arrive();
                case 1 -> run.disturb();
                case 2 -> run.work(run.random.nextInt(6));
                default -> run.step();
            }
        }
        run.all.forEach(s -> ((Script) s.listener).ready = true);
        int steps = 0;
        while (!run.scheduler.all().isEmpty()) {
            boolean others = run.scheduler.isLoading() || !run.parked().isEmpty();
            assertThat(run.step() || others || run.scheduler.isLoading())
                    .as("somebody gets on")
                    .isTrue();
            run.work(run.random.nextInt(4));
            assertThat(++steps).isLessThan(100_000);
        }
        run.all.stream().filter(s -> !run.cancelled.contains(s)).forEach(s -> ((Script) s.listener).expectAllResults());
        assertThat(run.scheduler.waiting.hasAccounts()).isFalse();
        run.memory.expectNothingHeld();
        run.memory.cache().close();
        assertThat(run.store == null || run.store.closed).isTrue();
    }
}
