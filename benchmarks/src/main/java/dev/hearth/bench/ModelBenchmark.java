package dev.hearth.bench;

import dev.hearth.Completion;
import dev.hearth.Engine;
import dev.hearth.EngineBuilder;
import dev.hearth.Request;
import dev.hearth.quantize.FileType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
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

/** A whole model behind the engine as an application has it, choice of tokens and text included: the time to the first token, and tokens after it. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "--add-modules=jdk.incubator.vector", "-Xmx2g"})
public class ModelBenchmark {
    /** For JMH. */
    public ModelBenchmark() {}

    /** A loaded model. */
    @State(Scope.Benchmark)
    public static class Loaded {
        /** A file or folder, or SHAPE:TYPE:LAYERS for one of random weights. */
        @Param("qwen3-0.6b:Q4_K_M:4")
        public String model = "";

        /** Threads; 0 for one a physical core. */
        @Param("0")
        public int threads;

        private Optional<Engine> loaded = Optional.empty();
        private Optional<Path> made = Optional.empty();

        /** For JMH. */
        public Loaded() {}

        /** Loads the model, and makes it before if need be. */
        @Setup(Level.Trial)
        public void setUp() throws IOException {
            String[] parts = model.split(":", -1);
            Path file = Path.of(model);
            if (parts.length == 3) {
                file = Files.createTempFile("hearth-", ".gguf");
                made = Optional.of(file);
                RandomModel.write(
                        ModelShape.titled(parts[0]), Integer.parseInt(parts[2]), FileType.named(parts[1]), file);
            }
            EngineBuilder builder = Engine.builder(file);
            loaded = Optional.of((threads == 0 ? builder : builder.threads(threads)).load());
        }

        /** Generates so many tokens behind a prompt of ids that depend on {@code request}. */
        CompletableFuture<Completion> generate(int request, int promptTokens, int maxTokens) {
            int[] ids = new int[promptTokens];
            for (int i = 0; i < promptTokens; i++) {
                ids[i] = (request * 31 + i * 7) % 256;
            }
            return loaded.orElseThrow()
                    .submit(Request.tokens(ids)
                            .maxTokens(maxTokens)
                            .temperature(0)
                            .ignoreEos()
                            .build());
        }

        /** Frees the model. */
        @TearDown(Level.Trial)
        public void tearDown() throws IOException {
            loaded.ifPresent(Engine::close);
            if (made.isPresent()) {
                Files.delete(made.get());
            }
        }
    }

    /** How long a prompt is. */
    @State(Scope.Benchmark)
    public static class Prompt {
        /** Tokens. */
        @Param({"16", "512"})
        public int promptTokens;

        /** For JMH. */
        public Prompt() {}
    }

    /** How much is generated. */
    @State(Scope.Benchmark)
    public static class Batch {
        /** Requests that run together. */
        @Param({"1", "4", "16"})
        public int requests;

        /** Tokens of each. */
        @Param("32")
        public int outputTokens;

        /** For JMH. */
        public Batch() {}
    }

    /** Tokens of all requests together. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Tokens {
        /** Generated. */
        public double tokens;

        /** For JMH. */
        public Tokens() {}
    }

    /** A prompt up to its first token. */
    @Benchmark
    public Completion firstToken(Loaded model, Prompt prompt) {
        return model.generate(0, prompt.promptTokens, 1).join();
    }

    /** Several requests with short prompts up to their ends. */
    @Benchmark
    public List<Completion> tokens(Loaded model, Batch batch, Tokens counted) {
        List<CompletableFuture<Completion>> running = new ArrayList<>();
        for (int i = 0; i < batch.requests; i++) {
            running.add(model.generate(i, 8, batch.outputTokens));
        }
        counted.tokens += batch.requests * (double) batch.outputTokens;
        return running.stream().map(CompletableFuture::join).toList();
    }

    /** Reads memory as fast as the machine can. */
    @Benchmark
    public void memoryRead(ReadLimit memory, ReadRate rate) {
        rate.count(memory);
    }
}
