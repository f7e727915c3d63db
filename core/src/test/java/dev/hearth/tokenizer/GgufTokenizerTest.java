package dev.hearth.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GgufTokenizerTest {
    private static Optional<Path> vocabularyFolder() {
        return References.shared().map(shared -> shared.resolve("tokenizers/ggml-vocab"));
    }

    /** {@code ggml-vocab-gpt-2.gguf} and so on: all of the folder. */
    static List<String> vocabulariesOfLlamaCpp() throws IOException {
        if (vocabularyFolder().isEmpty()) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(vocabularyFolder().get())) {
            List<String> names = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".gguf.gz"))
                    .map(name -> name.replaceAll("\\.gz$", ""))
                    .sorted()
                    .toList();
            assertThat(names).isNotEmpty();
            return names;
        }
    }

    /** What llama.cpp's own test data say; too large to copy, so without them the tests below stand in, on small vocabularies. */
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("vocabulariesOfLlamaCpp")
    void everyText_asLlamaCpp(String file) throws IOException {
        Path folder = vocabularyFolder().orElseThrow();
        Tokenizer tokenizer =
                Tokenizer.fromGguf(GgufVocabularyReader.read(References.unzip(folder.resolve(file + ".gz"))));
        String[] texts = Files.readString(folder.resolve(file + ".inp")).split("\n__ggml_vocab_test__\n", -1);
        String[] ids = Files.readString(folder.resolve(file + ".out")).split("\n", -1);
        assertThat(texts.length).isGreaterThan(40);
        SoftAssertions all = new SoftAssertions();
        for (int i = 0; i < texts.length - 1; i++) {
            int[] expected = Arrays.stream(ids[i].strip().split(" "))
                    .filter(s -> !s.isEmpty())
                    .mapToInt(Integer::parseInt)
                    .toArray();
            all.assertThat(tokenizer.encodePlain(texts[i]))
                    .as("%d: %s", i, texts[i])
                    .isEqualTo(expected);
        }
        all.assertAll();
    }

    /** The same vocabulary by way of GGUF: what tiny models in both formats have. */
    @ParameterizedTest
    @ValueSource(strings = {"tiny-qwen3:qwen2", "tiny-llama3:llama-bpe"})
    void byteLevel_asTokenizerJson(String names) {
        String[] name = names.split(":");
        Tokenizer json = References.small(name[0]);
        Tokenizer gguf = Tokenizer.fromGguf(toGguf(References.resource(name[0] + ".json"), name[1]));
        for (String text : References.strings(
                References.resource("small-expected.json").array("texts").orElseThrow())) {
            assertThat(gguf.encodePlain(text)).as(text).isEqualTo(json.encodePlain(text));
        }
    }

    private static GgufVocabulary toGguf(Fields file, String pre) {
        Fields model = file.fields("model").orElseThrow();
        Map<String, Json> vocabulary =
                model.fields("vocab").orElseThrow().object().members();
        String[] tokens = new String[vocabulary.size()];
        vocabulary.forEach((token, id) -> tokens[(int) ((Json.Int) id).value()] = token);
        List<Integer> types = new ArrayList<>();
        for (String token : tokens) {
            types.add(token.equals("<unk>") ? 2 : token.startsWith("<|") && token.endsWith("|>") ? 3 : 1);
        }
        List<String> merges = model.array("merges").orElseThrow().stream()
                .map(m -> String.join(" ", References.strings(((Json.Arr) m).elements())))
                .toList();
        return gguf("gpt2", pre, List.of(tokens), List.of(), types, merges);
    }

    private static GgufVocabulary gguf(
            String model,
            String pre,
            List<String> tokens,
            List<Float> scores,
            List<Integer> types,
            List<String> merges) {
        return new GgufVocabulary(
                model,
                Optional.of(pre),
                tokens,
                scores,
                types,
                merges,
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                GgufVocabulary.Options.UNSAID);
    }

    @Test
    void sentencePiece_highestScoreFirst_thenLeftmost() {
        List<String> tokens = List.of("<unk>", "<s>", "▁", "a", "b", "ab", "ba", "aba", "<0x0A>");
        List<Float> scores = List.of(0f, 0f, -9f, -9f, -9f, -1f, -1f, -5f, 0f);
        List<Integer> types = List.of(2, 3, 1, 1, 1, 1, 1, 1, 6);
        Tokenizer tokenizer = Tokenizer.fromGguf(gguf("llama", "default", tokens, scores, types, List.of()));
        assertThat(tokenizer.encodePlain("abab")).containsExactly(2, 5, 5);
        assertThat(tokenizer.encodePlain("aba")).containsExactly(2, 7);
        assertThat(tokenizer.encodePlain("bab")).containsExactly(2, 6, 4);
        assertThat(tokenizer.encodePlain("\n")).containsExactly(2, 8);
        assertThat(tokenizer.encodePlain("<s>a")).containsExactly(1, 2, 3);
    }

    @Test
    void sentencePiece_controlTokenInLiteralText_staysText() {
        List<String> tokens = List.of("<unk>", "<s>", "▁", "<", "s", ">", "<s");
        List<Float> scores = List.of(0f, 0f, -9f, -9f, -9f, -9f, -1f);
        Tokenizer tokenizer =
                Tokenizer.fromGguf(gguf("llama", "default", tokens, scores, List.of(2, 3, 1, 1, 1, 1, 1), List.of()));
        assertThat(tokenizer.encode("<s>", List.of(new TextSpan(0, 3)))).containsExactly(2, 6, 5);
    }

    /** A vocabulary that SentencePiece trained, against its own ids, by way of GGUF. */
    @Test
    void t5_asSentencePiece() {
        SentencePieceFile file = SentencePieceFile.read("m", References.resourceBytes("files/unigram.model"));
        Fields normalizer =
                References.resource("files/unigram.json").fields("normalizer").orElseThrow();
        Fields charsmap =
                Fields.of("n", normalizer.array("normalizers").orElseThrow().getFirst());
        Tokenizer tokenizer = Tokenizer.fromGguf(
                t5(file.pieces(), charsmap.string("precompiled_charsmap").orElseThrow()));
        Fields expected = References.resource("files/expected.json");
        List<String> texts = References.strings(expected.array("texts").orElseThrow());
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i);
            boolean ties = text.chars().distinct().count() < 5; // which sums in floats break, as there, not in doubles
            if (!text.contains("<") && !text.contains("▁") && !ties) { // control tokens are found here and not there
                int[] ids = ((Json.Arr) expected.array("unigram").orElseThrow().get(i))
                        .elements().stream()
                                .mapToInt(id -> (int) ((Json.Int) id).value())
                                .toArray();
                assertThat(tokenizer.encodePlain(text)).as(text).isEqualTo(ids);
            }
        }
        assertThat(tokenizer.encode("")).containsExactly(1);
    }

    private static GgufVocabulary t5(ScoredPieces pieces, String charsmap) {
        List<Float> scores = new ArrayList<>();
        List<Integer> types = new ArrayList<>();
        for (int id = 0; id < pieces.size(); id++) {
            scores.add(pieces.scores().of(id));
            types.add(pieces.type(id));
        }
        List<Byte> bytes = new ArrayList<>();
        for (byte b : java.util.Base64.getDecoder().decode(charsmap)) {
            bytes.add(b);
        }
        Optional<Boolean> yes = Optional.of(true);
        return new GgufVocabulary(
                "t5",
                Optional.empty(),
                pieces.tokens(),
                scores,
                types,
                List.of(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                new GgufVocabulary.Options(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        yes,
                        new GgufVocabulary.Normalization(yes, Optional.empty(), Optional.empty(), bytes)));
    }

    @Test
    void world_longestTokenFirst_byBytes() {
        List<String> tokens = List.of("<s>", "a", "ab", "\\n", "\\xe4", "\\xbd\\xa0", "你好", "\\n\\n", "\\x00");
        Tokenizer tokenizer = Tokenizer.fromGguf(
                gguf("rwkv", "default", tokens, List.of(), List.of(3, 1, 1, 1, 1, 1, 1, 1, 1), List.of()));
        assertThat(tokenizer.encode("aab\n\n\n")).containsExactly(1, 2, 7, 3);
        assertThat(tokenizer.encode("你你好")).containsExactly(4, 5, 6);
        assertThat(tokenizer.decode(4, 5, 6, 3, 8, 2)).isEqualTo("你你好\n\0ab");
        assertThat(tokenizer.encodePlain("<s>a")).containsExactly(0, 1);
    }

    @Test
    void plamo_bestSum_thenLongest_thenBytes() {
        List<String> tokens = new ArrayList<>(List.of("a", "b", "ab", "ba", "aba", "bab"));
        List<Float> scores = new ArrayList<>(List.of(-2f, -2f, -3f, -1f, -3f, -9f));
        List<Integer> types = new ArrayList<>(List.of(1, 1, 1, 1, 1, 1));
        for (int b = 0; b < 256; b++) {
            tokens.add("<0x%02X>".formatted(b));
            scores.add(0f);
            types.add(6);
        }
        Tokenizer tokenizer = Tokenizer.fromGguf(gguf("plamo2", "default", tokens, scores, types, List.of()));
        assertThat(tokenizer.encode("aba")).containsExactly(4); // a+ba has the same sum
        assertThat(tokenizer.encode("bab")).containsExactly(3, 1);
        assertThat(tokenizer.encode("ü")).containsExactly(6 + 0xC3, 6 + 0xBC);
        assertThat(tokenizer.decode(6 + 0xC3, 6 + 0xBC, 4)).isEqualTo("üaba");
    }

    @Test
    void gemma4_textWithMarks_andRunsOfNewlines() {
        List<String> tokens = List.of("<bos>", "a", "▁", "▁a", "\n", "\n\n", "<0xC3>", "<0xBC>");
        GgufVocabulary file =
                gguf("gemma4", "gemma4", tokens, List.of(), List.of(3, 1, 1, 1, 1, 1, 6, 6), List.of("▁ a"));
        Tokenizer tokenizer = Tokenizer.fromGguf(file);
        assertThat(tokenizer.encodePlain("a a\n\n a")).containsExactly(1, 3, 5, 3);
        assertThat(tokenizer.encodePlain("ü\n\n\n")).containsExactly(6, 7, 4, 4, 4);
        assertThat(tokenizer.decode(1, 3, 5, 6, 7)).isEqualTo("a a\n\nü");
    }

    @Test
    void mergesThatMakeNoToken_areNamed_theFirstOfThem() {
        List<String> tokens = List.of("a", "▁", "▁a");
        for (String wrong : List.of("a x", "x a", "a a", "aa", "a")) {
            List<String> merges = List.of("▁ a", wrong, "no token");
            GgufVocabulary file = gguf("gemma4", "gemma4", tokens, List.of(), List.of(1, 1, 1), merges);
            assertThatThrownBy(() -> Tokenizer.fromGguf(file))
                    .isInstanceOf(ModelFormatException.class)
                    .hasMessageStartingWith("tokenizer.ggml.merges[1]: expected")
                    .hasMessageEndingWith("found \"" + wrong + "\"");
        }
    }

    @Test
    void bert_pairs_haveTypes() {
        List<String> tokens = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "▁a", "b", "▁b");
        Tokenizer tokenizer = Tokenizer.fromGguf(new GgufVocabulary(
                "bert",
                Optional.empty(),
                tokens,
                List.of(),
                List.of(3, 2, 3, 3, 1, 1, 1),
                List.of(),
                OptionalInt.of(2),
                OptionalInt.empty(),
                OptionalInt.of(1),
                OptionalInt.of(3),
                GgufVocabulary.Options.UNSAID));
        Encoding pair = tokenizer.encode("Ab", "b x");
        assertThat(pair.ids()).containsExactly(2, 4, 5, 3, 6, 1, 3);
        assertThat(pair.typeIds()).containsExactly(0, 0, 0, 0, 1, 1, 1);
        assertThat(tokenizer.decodeSkippingSpecial(pair.ids())).isEqualTo("ab b");
    }

    @Test
    void digitGroups_fromTheRight() {
        for (DigitGroups groups : List.of(DigitGroups.RUNS, DigitGroups.BEFORE_WORD_BOUNDARY)) {
            IntList matches = new IntList(8);
            groups.find("x 1234567, 12".toCharArray(), 0, 13, matches);
            assertThat(matches.toArray()).as(groups.name()).containsExactly(2, 3, 3, 6, 6, 9, 11, 13);
        }
    }

    @Test
    void unknownPre_namesThoseKnown() {
        assertThatThrownBy(
                        () -> Tokenizer.fromGguf(gguf("gpt2", "gpt-99", List.of("a"), List.of(), List.of(), List.of())))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("gpt-99")
                .hasMessageContaining("llama-bpe");
    }

    @Test
    void everyPre_compilesAndCoversText() {
        String text = "Hello wORLD's 12345 你好，世界! \n\n  x\tمرحبا\r\n 3.5e10 ''  ";
        for (String name : GgufPatterns.names()) {
            PreTokenizer.Sequence cut = new PreTokenizer.Sequence(GgufPatterns.find(name).expressions().stream()
                    .<PreTokenizer>map(e -> new PreTokenizer.Split(
                            TextPattern.regex(name, e), SplitBehaviour.ISOLATED, SplitBehaviour.Stretch.MATCH))
                    .toList());
            Pieces pieces = cut.cut(Pieces.whole(text.toCharArray(), true));
            int end = 0;
            for (int i = 0; i < pieces.count(); i++) {
                assertThat(pieces.start(i)).as(name).isEqualTo(end);
                end = pieces.end(i);
            }
            assertThat(end).as(name).isEqualTo(text.length());
            assertThat(pieces.count()).as(name).isGreaterThan(2);
        }
    }
}
