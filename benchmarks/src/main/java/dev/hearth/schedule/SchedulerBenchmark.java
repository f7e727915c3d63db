package dev.hearth.schedule;

import dev.hearth.cpu.CpuBackendProvider;
import dev.hearth.model.StateSpec;
import dev.hearth.spi.Backend;
import dev.hearth.spi.BackendOptions;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.KvLayout;
import dev.hearth.state.StateCache;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What deciding on a step takes: sequences generate and end, others follow with prompts of which half is known, pages are taken and left. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class SchedulerBenchmark {
    /** For JMH. */
    public SchedulerBenchmark() {}

    /** A scheduler at work. */
    @State(Scope.Benchmark)
    public static class Work {
        private static final int PROMPT = 256;
        private static final int ANSWER = 128;

        /** Sequences that run. */
        @Param({"16", "64"})
        public int sequences;

        /** Sequences that wait. */
        @Param({"0", "1000"})
        public int waiting;

        private Optional<Backend> backend = Optional.empty();
        private Optional<StateCache> cache = Optional.empty();
        private Optional<Scheduler> scheduler = Optional.empty();
        private int made;

        /** For JMH. */
        public Work() {}

        /** Lets sequences arrive. */
        @Setup(Level.Trial)
        public void setUp() {
            List<StateSpec> specs = List.of(new StateSpec.Kv(1, 1, 1, new KvLayout.Values.Apart(1), Integer.MAX_VALUE));
            Backend opened = new CpuBackendProvider().open(BackendOptions.DEFAULT);
            backend = Optional.of(opened);
            int positions = (sequences + 8) * (PROMPT + ANSWER);
            cache = Optional.of(new StateCache(
                    opened.devices().getFirst(),
                    specs,
                    CacheType.F32,
                    PROMPT + ANSWER,
                    StateCache.bytes(specs, CacheType.F32, positions)));
            scheduler = Optional.of(
                    new Scheduler(cache.orElseThrow(), new Scheduler.Limits(EngineLoop.STEP_TOKENS, sequences), false));
            for (int i = 0; i < sequences + waiting; i++) {
                arrive();
            }
        }

        private void arrive() {
            int[] prompt = new int[PROMPT];
            for (int i = 0; i < PROMPT; i++) {
                prompt[i] = i < PROMPT / 2 ? i : made * PROMPT + i;
            }
            made++;
            TokenList tokens = new TokenList(prompt);
            scheduler.orElseThrow().add(new Sequence(tokens, PROMPT + ANSWER, Terms.DEFAULT, new Nothing(), NOBODY, 0));
        }

        /** A step: how many sequences were in it. */
        int step() {
            Scheduler s = scheduler.orElseThrow();
            List<Sequence> chosen = s.plan(Sequence.Output.LOGITS);
            List<Chunk> chunks = new ArrayList<>(chosen.size());
            for (Sequence sequence : chosen) {
                int end = sequence.computed + sequence.planned;
                chunks.add(new Chunk(
                        sequence.heldState(), sequence.tokens, sequence.computed, sequence.planned, Chunk.Logits.LAST));
                sequence.heldState().advance(end);
            }
            s.done(chosen);
            for (Sequence sequence : chosen) {
                if (sequence.pending() == 0) {
                    if (sequence.tokens.size() == PROMPT + ANSWER) {
                        s.remove(sequence);
                        arrive();
                    } else {
                        sequence.tokens.add(made + sequence.tokens.size());
                    }
                }
            }
            return chunks.size();
        }

        /** Frees the pages. */
        @TearDown(Level.Trial)
        public void tearDown() {
            cache.ifPresent(StateCache::close);
            backend.ifPresent(Backend::close);
        }
    }

    private static final Sequence.Owner NOBODY = new Sequence.Owner() {
        @Override
        public void cancel(Sequence sequence) {}

        @Override
        public void wake() {}

        @Override
        public void follow(Sequence sequence, Sequence other) {}
    };

    /** Hears nothing. */
    private static final class Nothing implements Sequence.Listener {
        @Override
        public Chunk.Logits wanted(boolean last) {
            return last ? Chunk.Logits.LAST : Chunk.Logits.NONE;
        }

        @Override
        public int chunkLimit() {
            return EngineLoop.STEP_TOKENS;
        }

        @Override
        public void accept(Results results, int row, int count, int position) {}

        @Override
        public void ended(Sequence.End end, @Nullable Throwable failure) {}
    }

    /** One step. */
    @Benchmark
    public int step(Work work) {
        return work.step();
    }
}
