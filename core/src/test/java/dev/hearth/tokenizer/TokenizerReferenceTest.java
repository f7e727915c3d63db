package dev.hearth.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every id and every decoded text as Hugging Face's tokenizers 0.23.3 has them. */
class TokenizerReferenceTest {
    record Reference(String name, Tokenizer tokenizer, List<String> texts, List<Json> expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** Read once: the large ones take seconds. */
    private static final List<Reference> REFERENCES = read();

    static Stream<Arguments> everyReference() {
        return REFERENCES.stream().map(Arguments::of);
    }

    private static List<Reference> read() {
        Fields small = References.resource("small-expected.json");
        List<String> texts = References.strings(small.array("texts").orElseThrow());
        Stream<Reference> copies = Stream.of("tiny-qwen3", "tiny-llama3", "stories260K")
                .map(n -> new Reference(
                        n, References.small(n), texts, small.array(n).orElseThrow()));
        return Stream.concat(copies, References.shared().stream().flatMap(TokenizerReferenceTest::large))
                .toList();
    }

    private static Stream<Reference> large(Path shared) {
        Path expected = shared.resolve("tokenizers/expected");
        List<String> texts = References.strings(((Json.Arr) Json.read(expected.resolve("strings.json"))).elements());
        return Stream.of(
                        "qwen3",
                        "llama3_1",
                        "gemma3",
                        "mistral_v3_legacy",
                        "mistral_v3_metaspace",
                        "minilm_wordpiece",
                        "xlmr_unigram")
                .map(n -> new Reference(
                        n,
                        References.large(shared, n),
                        texts,
                        ((Json.Arr) Json.read(expected.resolve(n + ".expected.json"))).elements()));
    }

    @ParameterizedTest
    @MethodSource("everyReference")
    void everyText_asTheReference(Reference reference) {
        assertThat(reference.expected).hasSameSizeAs(reference.texts);
        SoftAssertions all = new SoftAssertions();
        for (int i = 0; i < reference.texts.size(); i++) {
            String text = reference.texts.get(i);
            Fields expected = Fields.of("expected[" + i + "]", reference.expected.get(i));
            int[] ids = expected.integers("ids");
            int[] plain = expected.has("plain") ? expected.integers("plain") : ids;
            String decoded = expected.string("decoded").orElse(text);
            String skipped = expected.string("decoded_skip_special").orElse(decoded);
            Tokenizer tokenizer = reference.tokenizer;
            all.assertThat(tokenizer.encode(text)).as("%d: encode(%s)", i, text).isEqualTo(ids);
            all.assertThat(tokenizer.encodePlain(text))
                    .as("%d: encodePlain(%s)", i, text)
                    .isEqualTo(plain);
            all.assertThat(tokenizer.decode(plain)).as("%d: decode", i).isEqualTo(decoded);
            all.assertThat(tokenizer.decodeSkippingSpecial(plain))
                    .as("%d: decode, no special", i)
                    .isEqualTo(skipped);
        }
        all.assertAll();
    }

    @ParameterizedTest
    @MethodSource("everyReference")
    void everyText_streamed_asDecodedAtOnce(Reference reference) {
        for (String text : reference.texts) {
            int[] ids = reference.tokenizer.encode(text);
            StreamingDecoder decoder = reference.tokenizer.streaming();
            StringBuilder streamed = new StringBuilder();
            for (int id : ids) {
                streamed.append(decoder.push(id));
            }
            streamed.append(decoder.finish());
            assertThat(streamed.toString()).isEqualTo(reference.tokenizer.decode(ids));
        }
    }

    @ParameterizedTest
    @MethodSource("everyReference")
    void everyTextWithoutControlTokens_literal_asTheReference(Reference reference) {
        for (int i = 0; i < reference.texts.size(); i++) {
            String text = reference.texts.get(i);
            int[] plain = reference.tokenizer.encodePlain(text);
            boolean harmless = java.util.Arrays.stream(plain).noneMatch(reference.tokenizer::isSpecial);
            int[] literal = reference.tokenizer.encode(text, List.of(new TextSpan(0, text.length())));
            if (harmless) {
                assertThat(literal).as(text).isEqualTo(plain);
            } else if (!reference.name.startsWith("minilm")) { // [UNK] is special, and unknown text becomes it
                assertThat(java.util.Arrays.stream(literal)
                                .anyMatch(id -> reference.tokenizer.isSpecial(id)
                                        && !reference.tokenizer.tokenOf(id).equals(Optional.of("<unk>"))))
                        .as(text)
                        .isFalse();
            }
        }
    }
}
