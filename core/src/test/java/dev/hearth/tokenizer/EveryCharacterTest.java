package dev.hearth.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.JsonWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every character that Unicode has, and some that it has not, through each component that asks what a character is, against Hugging
 * Face's own: their parts go by different versions of Unicode.
 */
class EveryCharacterTest {
    /** All that differ from their neighbours; of ideographs, Hangul, what is private and what is unassigned a few. */
    private static final int[] CHARACTERS = IntStream.concat(
                    IntStream.range(0, 0x33500), IntStream.range(0xDFFF0, 0xE0200))
            .filter(c -> c < 0xD800 || c > 0xDFFF)
            .filter(c -> c % 61 == 0 || !isOneOfMany(c))
            .toArray();

    private static boolean isOneOfMany(int c) {
        return Character.getType(c) == Character.PRIVATE_USE
                || (c > 0x32000 && !Character.isDefined(c))
                || (c > 0x3400 && c < 0x4DA0)
                || (c > 0x4E00 && c < 0x9FC0)
                || (c > 0xAC00 && c < 0xD7A0)
                || (c > 0x12600 && c < 0x16800 && !Character.isDefined(c))
                || (c > 0x17000 && c < 0x18D00)
                || (c > 0x1B300 && !Character.isDefined(c))
                || (c > 0x20000 && c < 0x2A6C0)
                || (c > 0x2A710 && c < 0x32390 && c % 16 != 0);
    }

    private static final int BATCH = 2048;

    /** 256 tokens, one for each byte: ids are the UTF-8 of what the components make of a text, and words are their pieces. */
    private static byte[] file(String component) {
        String vocabulary = IntStream.range(0, 256)
                .mapToObj(b -> JsonWriter.write(new Json.Str(String.valueOf(ByteAlphabet.charOf(b)))) + ":" + b)
                .collect(Collectors.joining(","));
        return ("{\"version\":\"1.0\",\"added_tokens\":[]," + component.replace('\'', '"')
                        + ",\"decoder\":{\"type\":\"ByteLevel\",\"add_prefix_space\":true,\"trim_offsets\":true,\"use_regex\":true},"
                        + "\"model\":{\"type\":\"BPE\",\"vocab\":{" + vocabulary + "},\"merges\":[]}}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static final String BYTES =
            "{'type':'ByteLevel','add_prefix_space':false,'trim_offsets':true,'use_regex':false}";

    private static HuggingFaceTokenizer rust(byte[] json) throws IOException {
        return HuggingFaceTokenizer.newInstance(
                new ByteArrayInputStream(json), Map.of("truncation", "false", "modelMaxLength", "1000000"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'NFC'}",
                "{'type':'NFD'}",
                "{'type':'NFKC'}",
                "{'type':'NFKD'}",
                "{'type':'Lowercase'}",
                "{'type':'StripAccents'}",
                "{'type':'Nmt'}",
                "{'type':'Strip','strip_left':true,'strip_right':true}",
                "{'type':'BertNormalizer','clean_text':true,'handle_chinese_chars':true,'strip_accents':null,'lowercase':true}",
                "{'type':'BertNormalizer','clean_text':true,'handle_chinese_chars':true,'strip_accents':null,'lowercase':false}",
                "{'type':'BertNormalizer','clean_text':false,'handle_chinese_chars':false,'strip_accents':true,'lowercase':false}"
            })
    void normalised_asTheReference(String normalizer) throws IOException {
        byte[] json = file("'normalizer':" + normalizer + ",'pre_tokenizer':" + BYTES);
        Tokenizer ours = Tokenizer.fromJson(Fields.of("ours", Json.parse("ours", json)), Optional.empty());
        try (HuggingFaceTokenizer theirs = rust(json)) {
            for (int from = 0; from < CHARACTERS.length; from += BATCH) {
                // Alone, behind marks of a low and a high class, before one of a low class, and before one that most
                // join.
                String text = batch(from)
                        .mapToObj(Character::toString)
                        .map(c -> c + "|e\u0323\u0345" + c + "|e" + c + "\u0334|" + c + "\u0301|")
                        .collect(Collectors.joining());
                long[] expected = theirs.encode(text, false, false).getIds();
                assertThat(ours.decode(ours.encodePlain(text)))
                        .as("from U+%04X", CHARACTERS[from])
                        .isEqualTo(theirs.decode(expected, false));
            }
        }
    }

    private static IntStream batch(int from) {
        return Arrays.stream(CHARACTERS, from, Math.min(from + BATCH, CHARACTERS.length));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'Whitespace'}",
                "{'type':'WhitespaceSplit'}",
                "{'type':'BertPreTokenizer'}",
                "{'type':'UnicodeScripts'}",
                "{'type':'Digits','individual_digits':true}",
                "{'type':'Punctuation','behavior':'Isolated'}",
                "\\\\p{L}+",
                "\\\\p{N}",
                "\\\\p{M}+",
                "[\\\\p{P}\\\\p{S}]",
                "[^\\\\s\\\\p{L}\\\\p{N}]+",
                "\\\\w+",
                "\\\\W",
                "\\\\s+",
                "\\\\d",
                "\\\\h",
                "\\\\ba",
                "(?i:s)",
                "(?i)k",
                ".",
                "(?m:.)",
                "\\\\p{Han}",
                "\\\\p{Hiragana}",
                "\\\\p{Uppercase_Letter}",
                "\\\\p{^Lu}",
                "[\\\\p{Lu}\\\\p{Lt}\\\\p{Lm}\\\\p{Lo}\\\\p{M}&&[^\\\\p{Han}]]+",
                "[[:punct:]]",
                "[[:alpha:][:digit:]]+",
                "[[:^alnum:]]",
                "[[:space:][:cntrl:]]",
                "[[:print:]]",
                "[[:graph:]]",
                "[[:blank:]]",
                "[[:upper:]]",
                "[[:word:]]"
            })
    void cut_asTheReference(String how) throws IOException {
        String cut = how.startsWith("{")
                ? how
                : "{'type':'Split','pattern':{'Regex':'" + how + "'},'behavior':'Isolated','invert':false}";
        byte[] json = file("'pre_tokenizer':{'type':'Sequence','pretokenizers':[" + cut + "," + BYTES + "]}");
        Fields component = Fields.of("cut", Json.parse("cut", cut.replace('\'', '"')));
        List<PreTokenizer> ours = PreTokenizerJson.read(component).stream()
                .filter(step -> !(step instanceof PreTokenizer.Bytes))
                .toList();
        try (HuggingFaceTokenizer theirs = rust(json)) {
            for (int from = 0; from < CHARACTERS.length; from += BATCH) {
                String text = batch(from)
                        .mapToObj(Character::toString)
                        .map(c -> c + "a" + c + "字1")
                        .collect(Collectors.joining());
                assertThat(pieces(text, ours))
                        .as("from U+%04X", CHARACTERS[from])
                        .isEqualTo(pieces(theirs.encode(text, false, false).getWordIds()));
            }
        }
    }

    /** Bytes of each piece. */
    private static String pieces(String text, List<PreTokenizer> steps) {
        Pieces pieces = Pieces.whole(text.toCharArray(), true);
        for (PreTokenizer step : steps) {
            pieces = step.cut(pieces);
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < pieces.count(); i++) {
            String piece = text.substring(pieces.start(i), pieces.end(i));
            out.append(piece.getBytes(StandardCharsets.UTF_8).length).append(' ');
        }
        return out.toString();
    }

    private static String pieces(long[] wordOfByte) {
        StringBuilder out = new StringBuilder();
        int start = 0;
        for (int i = 1; i <= wordOfByte.length; i++) {
            if (i == wordOfByte.length || wordOfByte[i] != wordOfByte[i - 1]) {
                out.append(i - start).append(' ');
                start = i;
            }
        }
        return out.toString();
    }
}
