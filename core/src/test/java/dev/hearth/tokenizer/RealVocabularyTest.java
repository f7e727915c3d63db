package dev.hearth.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random texts of all of Unicode through vocabularies of real models, against Hugging Face's own tokenizers in Rust, which DJL's jar
 * brings: small copies always, whole ones where the reference data are. A failure names the seed; {@code hearth.seed} sets it.
 */
class RealVocabularyTest {
    private static final int TEXTS = 1000;

    /** Marks of Unicode 17, which DJL's build doesn't know yet: it begins a cluster where newer ones, and ours, go on. */
    private static final Pattern NEW_MARKS =
            Pattern.compile("[\\x{1ACF}-\\x{1ADD}\\x{1AE0}-\\x{1AEB}\\x{10EFA}-\\x{10EFB}"
                    + "\\x{11B60}-\\x{11B67}\\x{1E6E3}\\x{1E6E6}\\x{1E6EE}-\\x{1E6EF}\\x{1E6F5}]");

    static Stream<String> vocabularies() {
        Stream<String> small = Stream.of("tiny-qwen3", "tiny-llama3", "stories260K");
        Stream<String> whole = References.shared().stream()
                .flatMap(shared -> Stream.of(
                        "qwen3",
                        "llama3_1",
                        "gemma3",
                        "mistral_v3_legacy",
                        "mistral_v3_metaspace",
                        "minilm_wordpiece",
                        "xlmr_unigram"));
        Path gptOss = Path.of(System.getProperty("hearth.tokenizers", ""), "gptoss/tokenizer.json");
        return Stream.of(small, whole, Stream.of(gptOss.toString()).filter(file -> Files.exists(Path.of(file))))
                .flatMap(names -> names);
    }

    private static byte[] file(String name) {
        try {
            if (name.endsWith(".json")) {
                return Files.readAllBytes(Path.of(name));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return RealVocabularyTest.class.getResource(name + ".json") != null
                ? References.resourceBytes(name + ".json")
                : References.unzip(
                        References.shared().orElseThrow().resolve("tokenizers/" + name + "/tokenizer.json.gz"));
    }

    private static HuggingFaceTokenizer rust(byte[] json) throws IOException {
        return HuggingFaceTokenizer.newInstance(
                new ByteArrayInputStream(json), Map.of("truncation", "false", "modelMaxLength", "1000000"));
    }

    @ParameterizedTest
    @MethodSource("vocabularies")
    void anyText_encodedAndDecodedAsTheReference(String name) throws IOException {
        byte[] json = file(name);
        Tokenizer ours = Tokenizer.fromJson(Fields.of(name, Json.parse(name, json)), Optional.empty());
        long seed = Long.getLong("hearth.seed", new Random().nextLong());
        Random random = new Random(seed);
        RandomText texts = new RandomText(random);
        try (HuggingFaceTokenizer theirs = rust(json)) {
            for (int i = 0; i < TEXTS; i++) {
                String text = NEW_MARKS.matcher(texts.next()).replaceAll("");
                int[] expected = ids(
                        theirs.encode(withoutLoneSurrogates(text), true, false).getIds());
                assertThat(ours.encode(text))
                        .as("seed %d, text %d: %s", seed, i, text)
                        .isEqualTo(expected);
                int[] ids = random.nextBoolean() ? expected : anyIds(random, ours.vocabSize());
                assertDecoded(ours, theirs, ids, "seed %d, ids %s".formatted(seed, Arrays.toString(ids)));
            }
        }
    }

    private static void assertDecoded(Tokenizer ours, HuggingFaceTokenizer theirs, int[] ids, String what) {
        long[] longs = Arrays.stream(ids).asLongStream().toArray();
        String whole = ours.decode(ids);
        assertThat(whole).as(what).isEqualTo(theirs.decode(longs, false));
        assertThat(ours.decodeSkippingSpecial(ids)).as(what).isEqualTo(theirs.decode(longs, true));
        StreamingDecoder streaming = ours.streaming();
        StringBuilder streamed = new StringBuilder();
        for (int id : ids) {
            String part = streaming.push(id);
            assertThat(part.isEmpty() || !Character.isHighSurrogate(part.charAt(part.length() - 1)))
                    .as(what)
                    .isTrue();
            assertThat(whole).as(what).startsWith(streamed.append(part).toString());
        }
        assertThat(streamed.append(streaming.finish()).toString()).as(what).isEqualTo(whole);
    }

    /** Many of the first ids, which stand for bytes, and a few that no token has. */
    private static int[] anyIds(Random random, int vocabSize) {
        return random.ints(random.nextInt(20))
                .map(any -> Math.floorMod(any, random.nextBoolean() ? 300 : vocabSize + 3))
                .toArray();
    }

    private static String withoutLoneSurrogates(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().forEach(c -> out.appendCodePoint(c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c));
        return out.toString();
    }

    private static int[] ids(long[] ids) {
        return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
    }
}
