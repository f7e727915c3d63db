package dev.hearth.bench;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.tokenizer.Tokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * Text to tokens and back with vocabularies of real models, on one thread, here and in Hugging Face's own library (Rust, by way of
 * DJL); {@code megabytes} are of UTF-8. Both remember the tokens of short pieces that they have met.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TokenizerBenchmark {
    /** For JMH. */
    public TokenizerBenchmark() {}

    /** A tokenizer and what it works on. */
    @State(Scope.Benchmark)
    public static class Vocabulary {
        /** A {@code tokenizer.json}, gzip too, or a folder's name below {@code tokenizers} of the reference data. */
        @Param({"qwen3", "gemma3", "minilm_wordpiece", "xlmr_unigram"})
        public String vocabulary = "";

        /** A file of UTF-8, or one of the texts that come with the benchmark: {@code mixed} is in many languages and scripts. */
        @Param({"english", "code", "chinese", "mixed"})
        public String text = "";

        /** The text is repeated up to so many UTF-16 units. */
        @Param("65536")
        public int units;

        /** Whose. */
        @Param({"hearth", "djl"})
        public String library = "";

        private Optional<Codec> loaded = Optional.empty();
        private String repeated = "";
        private int[] ids = {};
        private double megabytes;

        /** For JMH. */
        public Vocabulary() {}

        /** Reads vocabulary and text. */
        @Setup(Level.Trial)
        public void setUp() throws IOException {
            byte[] json = json(vocabulary);
            Tokenizer tokenizer = tokenizer(vocabulary, json);
            String once = textOf(text);
            repeated = once.repeat(units / once.length() + 1).substring(0, units);
            megabytes = repeated.getBytes(StandardCharsets.UTF_8).length * 1e-6;
            ids = tokenizer.encode(repeated);
            Codec codec = library.equals("djl") ? Codec.djl(json, ids) : Codec.hearth(tokenizer, ids);
            if (codec.encode(repeated) != ids.length || !codec.decode().equals(tokenizer.decode(ids))) {
                throw new IOException(library + ": expected " + ids.length + " tokens and their text, found others");
            }
            loaded = Optional.of(codec);
        }

        static byte[] json(String vocabulary) throws IOException {
            byte[] json = Files.readAllBytes(file(vocabulary));
            if (json.length > 2 && json[0] == 0x1f && json[1] == (byte) 0x8b) {
                try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(json))) {
                    return in.readAllBytes();
                }
            }
            return json;
        }

        static Tokenizer tokenizer(String vocabulary, byte[] json) {
            return Tokenizer.fromJson(Fields.of(vocabulary, Json.parse(vocabulary, json)), Optional.empty());
        }

        private static Path file(String vocabulary) throws IOException {
            if (Files.isRegularFile(Path.of(vocabulary))) {
                return Path.of(vocabulary);
            }
            Path folder = Path.of(System.getProperty("hearth.shared", ""), "tokenizers", vocabulary);
            for (String name : new String[] {"tokenizer.json", "tokenizer.json.gz"}) {
                if (Files.isRegularFile(folder.resolve(name))) {
                    return folder.resolve(name);
                }
            }
            throw new IOException(
                    folder + ": expected a tokenizer.json, found none; name a file with -p vocabulary=FILE, or"
                            + " the folder of reference data with -jvmArgsAppend -Dhearth.shared=FOLDER");
        }

        static String textOf(String text) throws IOException {
            try (InputStream in = TokenizerBenchmark.class.getResourceAsStream(text + ".txt")) {
                return in == null
                        ? Files.readString(Path.of(text))
                        : new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        }

        Codec codec() {
            return loaded.orElseThrow();
        }
    }

    /** A tokenizer of either library, and ids to decode. */
    interface Codec {
        /** How many tokens a text has. */
        int encode(String text);

        /** The text of the ids. */
        String decode();

        /** Ours. */
        static Codec hearth(Tokenizer tokenizer, int[] ids) {
            return new Codec() {
                @Override
                public int encode(String text) {
                    return tokenizer.encode(text).length;
                }

                @Override
                public String decode() {
                    return tokenizer.decode(ids);
                }
            };
        }

        /** Rust's. */
        static Codec djl(byte[] json, int[] ids) throws IOException {
            var options = Map.of("truncation", "false", "modelMaxLength", "1000000000");
            var tokenizer = HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), options);
            long[] longs = Arrays.stream(ids).asLongStream().toArray();
            return new Codec() {
                @Override
                public int encode(String text) {
                    return tokenizer.encode(text).getIds().length;
                }

                @Override
                public String decode() {
                    return tokenizer.decode(longs, false);
                }
            };
        }
    }

    /** Beside operations per second. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Rates {
        /** Of UTF-8, 10^6. */
        public double megabytes;

        /** Tokens. */
        public double tokens;

        /** For JMH. */
        public Rates() {}
    }

    /** Text to tokens. */
    @Benchmark
    public int encode(Vocabulary vocabulary, Rates rates) {
        count(vocabulary, rates);
        return vocabulary.codec().encode(vocabulary.repeated);
    }

    /** Tokens to text. */
    @Benchmark
    public String decode(Vocabulary vocabulary, Rates rates) {
        count(vocabulary, rates);
        return vocabulary.codec().decode();
    }

    private static void count(Vocabulary vocabulary, Rates rates) {
        rates.megabytes += vocabulary.megabytes;
        rates.tokens += vocabulary.ids.length;
    }
}
