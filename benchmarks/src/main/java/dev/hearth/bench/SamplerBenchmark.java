package dev.hearth.bench;

import dev.hearth.sample.LogitRow;
import dev.hearth.sample.SampleScratch;
import dev.hearth.sample.Sampled;
import dev.hearth.sample.Sampler;
import dev.hearth.sample.SamplingParams;
import dev.hearth.sample.ScratchPool;
import dev.hearth.spi.host.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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

/** Choosing a token as the engine does it, of a row whose maxima a device has found. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SamplerBenchmark {
    /** For JMH. */
    public SamplerBenchmark() {}

    /** Settings that people use. */
    public enum Settings {
        /** The largest logit. */
        GREEDY,
        /** Temperature alone, over the whole vocabulary. */
        TEMPERATURE,
        /** Temperature, top-k and top-p, as many models' defaults. */
        TOP_K_TOP_P,
        /** Temperature, top-p alone. */
        TOP_P,
        /** Temperature, min-p, repetition. */
        MIN_P_REPETITION;

        private SamplingParams params() {
            SamplingParams.Builder builder = SamplingParams.builder();
            return switch (this) {
                case GREEDY -> SamplingParams.greedy();
                case TEMPERATURE -> builder.temperature(0.8).build();
                case TOP_K_TOP_P -> builder.temperature(0.6).topK(20).topP(0.95).build();
                case TOP_P -> builder.temperature(0.8).topP(0.9).build();
                case MIN_P_REPETITION ->
                    builder.temperature(0.8).minP(0.05).repetitionPenalty(1.1).build();
            };
        }
    }

    /** Rows of logits and a sampler. */
    @State(Scope.Benchmark)
    public static class Rows {
        private static final int ROWS = 16;

        /** What it is asked for. */
        @Param
        public Settings settings = Settings.GREEDY;

        /** Tokens of the vocabulary. */
        @Param("151936")
        public int vocabulary;

        private final Arena arena = Arena.ofShared();
        private final SampleScratch scratch = new SampleScratch();
        private final ScratchPool scratches = new ScratchPool();
        private final Workers workers =
                new Workers("bench", Runtime.getRuntime().availableProcessors());
        private final List<LogitRow> rows = new ArrayList<>();
        private final List<Sampler> samplers = new ArrayList<>(); // the same for every row
        private int next;

        /** For JMH. */
        public Rows() {}

        /** Logits as a model's: a few far above the rest. */
        @Setup(Level.Trial)
        public void setUp() {
            Random random = new Random(1);
            for (int i = 0; i < ROWS; i++) {
                rows.add(row(random));
            }
            int[] said = random.ints(500, 0, vocabulary).toArray();
            for (int i = 0; i < ROWS; i++) {
                Sampler sampler = new Sampler(settings.params(), 7, vocabulary);
                for (int token : said) {
                    sampler.accept(token);
                }
                samplers.add(sampler);
            }
        }

        private LogitRow row(Random random) {
            MemorySegment logits = arena.allocate(4L * vocabulary, 64);
            MemorySegment maxima = arena.allocate(4L * LogitRow.blocks(vocabulary), 64);
            maxima.elements(ValueLayout.JAVA_FLOAT)
                    .forEach(most -> most.set(ValueLayout.JAVA_FLOAT, 0, Float.NEGATIVE_INFINITY));
            for (int i = 0; i < vocabulary; i++) {
                float value = (float) (random.nextGaussian() * 2.5 + (random.nextInt(2000) == 0 ? 8 : 0));
                int block = i / LogitRow.BLOCK;
                float most = Math.max(value, maxima.getAtIndex(ValueLayout.JAVA_FLOAT, block));
                logits.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
                maxima.setAtIndex(ValueLayout.JAVA_FLOAT, block, most);
            }
            return LogitRow.of(logits, maxima);
        }

        /** Chooses a token from the next row. */
        Sampled sample() {
            int row = next++ % ROWS;
            return samplers.get(row).sample(rows.get(row), next & 0xFFFF, scratch);
        }

        /** Chooses a token from every row, as a step of so many sequences does. */
        int step() {
            int position = next++ & 0xFFFF;
            AtomicInteger sum = new AtomicInteger();
            workers.each(
                    ROWS,
                    i -> sum.addAndGet(scratches
                            .use(own -> samplers.get(i).sample(rows.get(i), position, own))
                            .token()));
            return sum.get();
        }

        /** Frees the rows. */
        @TearDown(Level.Trial)
        public void tearDown() {
            workers.close();
            arena.close();
        }
    }

    /** One token. */
    @Benchmark
    public Sampled sample(Rows rows) {
        return rows.sample();
    }

    /** Sixteen tokens by all threads. */
    @Benchmark
    public int step(Rows rows) {
        return rows.step();
    }
}
