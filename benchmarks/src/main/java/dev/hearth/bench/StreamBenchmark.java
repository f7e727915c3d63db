package dev.hearth.bench;

import dev.hearth.tokenizer.StreamingDecoder;
import dev.hearth.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Warmup;

/** The text of an answer as its tokens come, after a prompt: {@code token} is one of them, {@code prompt} what a request begins with. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class StreamBenchmark {
    private static final int PROMPT = 1024;

    /** For JMH. */
    public StreamBenchmark() {}

    /** A text in tokens. */
    @State(Scope.Benchmark)
    public static class Answers {
        /** As of {@link TokenizerBenchmark}. */
        @Param({"qwen3", "gemma3"})
        public String vocabulary = "";

        /** As of {@link TokenizerBenchmark}. */
        @Param({"english", "code", "mixed"})
        public String text = "";

        private Optional<Tokenizer> tokenizer = Optional.empty();
        private Optional<StreamingDecoder> decoder = Optional.empty();
        private int[] ids = {};
        private int[] prompt = {};
        private int next;

        /** For JMH. */
        public Answers() {}

        /** Reads vocabulary and text. */
        @Setup(Level.Trial)
        public void setUp() throws IOException {
            Tokenizer read =
                    TokenizerBenchmark.Vocabulary.tokenizer(vocabulary, TokenizerBenchmark.Vocabulary.json(vocabulary));
            String once = TokenizerBenchmark.Vocabulary.textOf(text);
            ids = read.encode(once.repeat(PROMPT * 16 / once.length() + 1));
            prompt = Arrays.copyOf(ids, PROMPT);
            tokenizer = Optional.of(read);
            next = ids.length;
        }

        private StreamingDecoder begun() {
            StreamingDecoder fresh = tokenizer.orElseThrow().streamingSkippingSpecial();
            fresh.begin(prompt);
            return fresh;
        }

        String token() {
            if (next == ids.length) { // once in thousands of tokens
                next = 0;
                decoder = Optional.of(begun());
            }
            return decoder.orElseThrow().push(ids[next++]);
        }
    }

    /** A token. */
    @Benchmark
    public String token(Answers answers) {
        return answers.token();
    }

    /** 1024 tokens of a prompt. */
    @Benchmark
    public StreamingDecoder prompt(Answers answers) {
        return answers.begun();
    }
}
