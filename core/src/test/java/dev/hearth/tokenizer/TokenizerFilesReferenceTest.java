package dev.hearth.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole vocabularies in other formats than tokenizer.json, of those that are there: the reference data have two, and
 * {@code tools/vocabularies.sh} fetches two that are too large for these into the folder that {@code hearth.tokenizers} names.
 * {@link TokenizerFilesTest} stands in, with excerpts.
 */
class TokenizerFilesReferenceTest {
    private static final Path TOKENIZERS =
            References.shared().orElse(Path.of("")).resolve("tokenizers");

    /** Whether control tokens are looked for in a text. */
    private enum Control {
        FOUND,
        LEFT_AS_TEXT
    }

    /** A file, or its copy under gzip, and the texts' ids below {@code expected}. */
    record Vocabulary(Path file, String expected, Control control) {
        @Override
        public String toString() {
            return expected;
        }

        int[] encode(Tokenizer tokenizer, String text) {
            return control == Control.FOUND
                    ? tokenizer.encodePlain(text)
                    : tokenizer.encode(text, List.of(new TextSpan(0, text.length())));
        }
    }

    static Stream<Vocabulary> present() {
        Optional<Path> fetched = Optional.of(System.getProperty("hearth.tokenizers", ""))
                .filter(path -> !path.isEmpty())
                .map(Path::of);
        Stream<Vocabulary> large = fetched.stream()
                .flatMap(folder -> Stream.of(
                        new Vocabulary(
                                folder.resolve("tekken_240911/tekken.json"), "tekken_240911", Control.LEFT_AS_TEXT),
                        new Vocabulary(folder.resolve("gptoss/tokenizer.json"), "gptoss", Control.FOUND)));
        Stream<Vocabulary> shared = Stream.of(
                new Vocabulary(
                        TOKENIZERS.resolve("mistral_v3_legacy/tokenizer.model.gz"),
                        "mistral_v3_sentencepiece",
                        Control.LEFT_AS_TEXT),
                new Vocabulary(TOKENIZERS.resolve("minilm_wordpiece/vocab.txt"), "minilm_wordpiece", Control.FOUND));
        return References.shared().isEmpty()
                ? Stream.empty()
                : Stream.concat(shared, large.filter(v -> Files.exists(v.file)));
    }

    private static Tokenizer load(Path file) {
        String name = file.getFileName().toString();
        if (!name.endsWith(".gz")) {
            return Tokenizer.load(file);
        }
        try {
            Path copy = Files.createTempDirectory("vocabulary").resolve(name.substring(0, name.length() - 3));
            Files.write(copy, References.unzip(file));
            Tokenizer tokenizer = Tokenizer.load(copy);
            Files.delete(copy);
            Files.delete(copy.getParent());
            return tokenizer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("present")
    void everyText_asTheReference(Vocabulary vocabulary) {
        Tokenizer tokenizer = load(vocabulary.file);
        Path expected = TOKENIZERS.resolve("expected");
        List<String> texts = References.strings(((Json.Arr) Json.read(expected.resolve("strings.json"))).elements());
        List<Json> entries =
                ((Json.Arr) Json.read(expected.resolve(vocabulary.expected + ".expected.json"))).elements();
        assertThat(entries).hasSameSizeAs(texts).hasSizeGreaterThan(100);
        SoftAssertions all = new SoftAssertions();
        for (int i = 0; i < texts.size(); i++) {
            Fields entry = Fields.of(vocabulary.expected + "[" + i + "]", entries.get(i));
            int[] ids = entry.integers(entry.has("plain") ? "plain" : "ids");
            all.assertThat(vocabulary.encode(tokenizer, texts.get(i)))
                    .as("%d: %s", i, texts.get(i))
                    .isEqualTo(ids);
        }
        all.assertAll();
    }
}
