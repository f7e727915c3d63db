package dev.hearth.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A tokenizer.json said in GGUF's terms makes the same tokens. */
class GgufVocabularyJsonTest {
    private static final Fields NO_CONFIG = new Fields("config.json", new Json.Obj(Map.of()));

    /**
     * A tokenizer.
     *
     * @param pre the name that llama.cpp has for the way it cuts text
     */
    record Source(String name, Fields file, String model, String pre, List<String> texts) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Source> sources() {
        List<String> texts = References.strings(
                References.resource("small-expected.json").array("texts").orElseThrow());
        Stream<Source> small = Stream.of(
                new Source("tiny-qwen3", References.resource("tiny-qwen3.json"), "gpt2", "qwen2", texts),
                new Source("tiny-llama3", References.resource("tiny-llama3.json"), "gpt2", "llama-bpe", texts),
                new Source("stories260K", References.resource("stories260K.json"), "llama", "default", texts));
        return Stream.concat(small, References.shared().stream().flatMap(GgufVocabularyJsonTest::large));
    }

    private static Stream<Source> large(Path shared) {
        Path expected = shared.resolve("tokenizers/expected");
        List<String> texts = References.strings(((Json.Arr) Json.read(expected.resolve("strings.json"))).elements());
        return Stream.of(
                        List.of("qwen3", "gpt2", "qwen2"),
                        List.of("llama3_1", "gpt2", "llama-bpe"),
                        List.of("gemma3", "llama", "default"),
                        List.of("mistral_v3_legacy", "llama", "default"))
                .map(n -> {
                    Path file = shared.resolve("tokenizers/" + n.get(0) + "/tokenizer.json.gz");
                    Fields fields = Fields.of(n.get(0), Json.parse(n.get(0), References.unzip(file)));
                    return new Source(n.get(0), fields, n.get(1), n.get(2), texts);
                });
    }

    @ParameterizedTest
    @MethodSource("sources")
    void read_saysWhatMakesTheSameTokens(Source source) {
        Tokenizer expected = Tokenizer.fromJson(source.file, Optional.empty());
        GgufVocabulary vocabulary =
                GgufVocabularyJson.read(source.file, Optional.empty(), NO_CONFIG, expected.vocabSize() + 3);
        assertThat(vocabulary.model()).isEqualTo(source.model);
        assertThat(vocabulary.pre()).hasValue(source.pre);
        assertThat(vocabulary.tokens())
                .hasSize(expected.vocabSize() + 3)
                .endsWith("[PAD" + (expected.vocabSize() + 2) + "]");
        Tokenizer found = Tokenizer.fromGguf(vocabulary);
        List<String> different = new ArrayList<>();
        for (String text : source.texts) {
            if (isSaid(text) && !Arrays.equals(found.encodePlain(text), expected.encodePlain(text))) {
                different.add(text);
            }
        }
        assertThat(different).isEmpty();
    }

    /** GGUF doesn't say that characters are composed first, nor what a mark for a space is in a text. */
    private static boolean isSaid(String text) {
        return Normalizer.isNormalized(text, Normalizer.Form.NFC) && text.indexOf('▁') < 0;
    }

    private static Fields changed(Fields file, String name, Json value) {
        Map<String, Json> members = new LinkedHashMap<>(file.object().members());
        members.put(name, value);
        return new Fields(file.place(), new Json.Obj(members));
    }

    @Test
    void read_takesFirstAndLastTokensFromWhereverTheyAreNamed() {
        Fields file = References.resource("stories260K.json");
        Fields model = changed(NO_CONFIG, "eos_token_id", new Json.Arr(List.of(new Json.Int(2), new Json.Int(7))));
        Fields config = changed(NO_CONFIG, "bos_token", new Json.Str("<s>"));
        GgufVocabulary vocabulary = GgufVocabularyJson.read(file, Optional.of(config), model, 512);
        assertThat(vocabulary.bos()).isEqualTo(OptionalInt.of(1));
        assertThat(vocabulary.eos()).isEqualTo(OptionalInt.of(2));
        assertThat(vocabulary.unknown()).isEqualTo(OptionalInt.of(0));
        assertThat(vocabulary.options().addBos()).hasValue(true);
        assertThat(vocabulary.options().addEos()).hasValue(false);
        assertThat(vocabulary.types().subList(0, 4)).containsExactly(2, 3, 3, 6); // unknown, control, control, byte
        Tokenizer expected = Tokenizer.fromJson(file, Optional.of(config));
        assertThat(Tokenizer.fromGguf(vocabulary).encode("Once upon")).isEqualTo(expected.encode("Once upon"));
    }

    @Test
    void read_refusesWhatNoFileSays() {
        Fields file = References.resource("tiny-qwen3.json");
        Json cut = Json.parse("cut", "{\"type\":\"Split\",\"pattern\":{\"String\":\"x\"},\"behavior\":\"Isolated\"}");
        Json bytes = Json.parse("bytes", "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"use_regex\":false}");
        Json odd = new Json.Obj(
                Map.of("type", new Json.Str("Sequence"), "pretokenizers", new Json.Arr(List.of(cut, bytes))));
        assertThatThrownBy(() ->
                        GgufVocabularyJson.read(changed(file, "pre_tokenizer", odd), Optional.empty(), NO_CONFIG, 600))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("pre_tokenizer");
        Json unigram =
                Json.parse("model", "{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":[[\"<unk>\",0.0],[\"a\",-1.0]]}");
        Fields other = changed(changed(file, "model", unigram), "added_tokens", new Json.Arr(List.of()));
        assertThatThrownBy(() -> GgufVocabularyJson.read(other, Optional.empty(), NO_CONFIG, 2))
                .hasMessageContaining("expected BPE, found Unigram");
    }
}
