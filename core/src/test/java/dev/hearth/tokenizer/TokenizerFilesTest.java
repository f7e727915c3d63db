package dev.hearth.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Small vocabularies in every format, against sentencepiece 0.2.3, tiktoken 0.14.0 and tokenizers 0.23.3. The SentencePiece models
 * were trained for this test, with a charsmap, a user-defined symbol and a control symbol each; the ranks are the first of
 * Mistral's tekken_240911.json (Apache-2.0).
 */
class TokenizerFilesTest {
    private static final Fields EXPECTED = References.resource("files/expected.json");
    private static final List<String> TEXTS =
            References.strings(EXPECTED.array("texts").orElseThrow());

    @TempDir
    private Path folder;

    private Tokenizer load(String resource, String name) throws IOException {
        Path file = folder.resolve(name);
        Files.write(file, References.resourceBytes("files/" + resource));
        return Tokenizer.load(file);
    }

    private static int[] ids(String name, int text) {
        return ((Json.Arr) EXPECTED.array(name).orElseThrow().get(text))
                .elements().stream()
                        .mapToInt(id -> (int) ((Json.Int) id).value())
                        .toArray();
    }

    /** As the reference, which finds no control token in a text. */
    @ParameterizedTest
    @CsvSource({
        "bpe,bpe.model,tokenizer.model",
        "bpe-bytes,bpe-bytes.model,tokenizer.model",
        "unigram,unigram.model,spiece.model",
        "unigram-bytes,unigram-bytes.model,tokenizer.model",
        "unigram.json,unigram.json,tokenizer.json",
        "unigram-bytes.json,unigram-bytes.json,tokenizer.json",
        "tekken,tekken.json,tekken.json",
        "qwen,qwen.tiktoken,qwen.tiktoken"
    })
    void everyText_asTheReference(String expected, String resource, String name) throws IOException {
        Tokenizer tokenizer = load(resource, name);
        SoftAssertions all = new SoftAssertions();
        for (int i = 0; i < TEXTS.size(); i++) {
            String text = TEXTS.get(i);
            boolean isJson = expected.endsWith(".json"); // Rust's tokenizers do find them
            int[] ids = isJson
                    ? tokenizer.encodePlain(text)
                    : tokenizer.encode(text, List.of(new TextSpan(0, text.length())));
            all.assertThat(ids).as("%d: %s", i, text).isEqualTo(ids(expected, i));
        }
        all.assertAll();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tekken.json", "qwen.tiktoken", "unigram-bytes.model", "bpe-bytes.model"})
    void decoded_asEncoded(String name) throws IOException {
        Tokenizer tokenizer = load(name, name);
        for (String text : List.of("Hello wörld 123", "你好\n😀", "a  b", "x = {1, 2};")) {
            boolean normalised = name.startsWith("unigram") || name.startsWith("bpe");
            String expected = normalised ? text.replace('\n', ' ') : text;
            expected = name.startsWith("bpe-bytes") ? expected.replace("  ", " ") : expected;
            assertThat(tokenizer.decode(tokenizer.encodePlain(text))).isEqualTo(expected);
        }
    }

    @Test
    void controlTokens_areFoundOutsideOfLiteralText() throws IOException {
        Tokenizer tekken = load("tekken.json", "tekken.json");
        assertThat(tekken.encodePlain("[INST]")).containsExactly(3);
        assertThat(tekken.encode("")).containsExactly(1);
        assertThat(tekken.tokenOf(19)).hasValue("[TOOL_CONTENT]");
        assertThat(tekken.eosId()).hasValue(2);
        Tokenizer bpe = load("bpe.model", "tokenizer.model");
        int cls = bpe.idOf("<cls>").orElseThrow();
        assertThat(bpe.encodePlain("<cls>")).containsExactly(cls);
        assertThat(bpe.encode("")).containsExactly(1);
        Tokenizer t5 = load("unigram.model", "spiece.model");
        assertThat(t5.encode("")).containsExactly(1);
        Tokenizer qwen = load("qwen.tiktoken", "qwen.tiktoken");
        assertThat(qwen.tokenOf(qwen.encodePlain("<|im_start|>")[0])).hasValue("<|im_start|>");
    }

    @Test
    void configuration_addsTokens() throws IOException {
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"added_tokens_decoder\":{\"5000\":{\"content\":\"<|eot|>\",\"special\":true}},\"add_bos_token\":false,"
                        + "\"eos_token\":{\"content\":\"<|eot|>\"}}");
        for (String name : List.of("bpe.model", "qwen.tiktoken")) {
            Tokenizer tokenizer = load(name, name);
            assertThat(tokenizer.encode("<|eot|>")).containsExactly(5000);
            assertThat(tokenizer.eosId()).hasValue(5000);
            assertThat(tokenizer.vocabSize()).isEqualTo(5001);
        }
    }

    /** fairseq's ids: its own four tokens first. */
    @Test
    void xlmRoberta_countsPiecesFromFour() throws IOException {
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"tokenizer_class\":\"XLMRobertaTokenizerFast\"}");
        Tokenizer roberta = load("unigram.model", "sentencepiece.bpe.model");
        Files.delete(folder.resolve("tokenizer_config.json"));
        Tokenizer plain = load("unigram.model", "spiece.model");
        int[] ids = plain.encodePlain("the models");
        assertThat(roberta.encodePlain("the models"))
                .isEqualTo(Arrays.stream(ids).map(i -> i + 1).toArray());
        assertThat(roberta.encode("").length).isEqualTo(2);
        assertThat(roberta.tokenOf(3)).hasValue("<unk>");
        assertThat(roberta.tokenOf(roberta.vocabSize() - 1)).hasValue("<mask>");
        assertThat(roberta.encode("the", "the").ids()).startsWith(0).endsWith(2);
        assertThat(roberta.encode("the", "the").typeIds()).containsOnly(0);
    }

    @Test
    void clip_lowersCase_andMarksEndsOfWords() throws IOException {
        Files.writeString(
                folder.resolve("vocab.json"),
                "{\"a\":0,\"b\":1,\"a</w>\":2,\"b</w>\":3,\"ab</w>\":4,\"<|startoftext|>\":5,\"<|endoftext|>\":6}");
        Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\na b</w>\n");
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"tokenizer_class\":\"CLIPTokenizer\"}");
        Tokenizer clip = Tokenizer.load(folder.resolve("vocab.json"));
        assertThat(clip.encode("AB  a")).containsExactly(5, 4, 2, 6);
    }

    @Test
    void wordPieces_asTokenizerJson() throws IOException {
        Files.writeString(folder.resolve("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\nwor\n##ld\n!\n");
        Tokenizer bert = Tokenizer.load(folder.resolve("vocab.txt"));
        assertThat(bert.encode("Hello World!").length).isEqualTo(6);
        assertThat(bert.encode("Héllo, World!")).containsExactly(2, 5, 1, 6, 7, 8, 3);
        assertThat(bert.encode("hello [MASK]", "world").ids()).containsExactly(2, 5, 4, 3, 6, 7, 3);
        assertThat(bert.encode("hello", "world").typeIds()).containsExactly(0, 0, 0, 1, 1, 1);
        assertThat(bert.decodeSkippingSpecial(2, 5, 6, 7, 8, 3)).isEqualTo("hello world!");
    }

    @Test
    void bytePairs_ofSeveralClasses() throws IOException {
        Fields small = References.resource("tiny-qwen3.json").fields("model").orElseThrow();
        Files.writeString(
                folder.resolve("vocab.json"),
                dev.hearth.format.JsonWriter.write(small.get("vocab").orElseThrow()));
        StringBuilder merges = new StringBuilder("#version: 0.2\n");
        for (Json merge : small.array("merges").orElseThrow()) {
            merges.append(String.join(" ", References.strings(((Json.Arr) merge).elements())))
                    .append('\n');
        }
        Files.writeString(folder.resolve("merges.txt"), merges);
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"tokenizer_class\":\"Qwen2Tokenizer\"}");
        Tokenizer tokenizer = Tokenizer.load(folder.resolve("vocab.json"));
        Tokenizer reference = References.small("tiny-qwen3");
        for (String text : List.of("Hello world's 12345", "你好 é", " \n\n x")) {
            assertThat(tokenizer.encodePlain(text)).as(text).isEqualTo(reference.encodePlain(text));
        }
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"tokenizer_class\":\"GPT2Tokenizer\"}");
        assertThat(Tokenizer.load(folder.resolve("vocab.json")).decode(tokenizer.encodePlain("It's ok")))
                .isEqualTo("It's ok");
    }
}
