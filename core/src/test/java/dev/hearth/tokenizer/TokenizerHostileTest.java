package dev.hearth.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Broken and hostile files, and texts made to be slow. */
@Timeout(60)
class TokenizerHostileTest {
    private static final String TEXT = "Hello  wörld 123 \n <|im_start|> 你好 😀 \u0000";

    /** Either refused as it should be, or a tokenizer that works. */
    private static boolean refused(byte[] file) {
        try {
            Tokenizer tokenizer =
                    Tokenizer.fromJson(Fields.of("broken.json", Json.parse("broken.json", file)), Optional.empty());
            tokenizer.decode(tokenizer.encode(TEXT));
            tokenizer.bytesOf(3);
            return false;
        } catch (ModelFormatException e) {
            assertThat(e.getMessage()).isNotBlank();
            return true;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-qwen3.json", "tiny-llama3.json", "stories260K.json"})
    void truncated(String name) {
        byte[] file = References.resourceBytes(name);
        for (int length = 0; length < file.length - 1; length += 1 + file.length / 150) {
            assertThat(refused(java.util.Arrays.copyOf(file, length)))
                    .as("%s cut at %d", name, length)
                    .isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-qwen3.json", "tiny-llama3.json", "stories260K.json"})
    void flippedBytes(String name) {
        byte[] file = References.resourceBytes(name);
        Random random = new Random(42);
        int refusals = 0;
        for (int i = 0; i < 400; i++) {
            byte[] broken = file.clone();
            for (int k = random.nextInt(3); k >= 0; k--) {
                // Half of them in the first part of the file, where everything but the vocabulary stands.
                int at = random.nextInt(random.nextBoolean() ? Math.min(3000, file.length) : file.length);
                broken[at] ^= (byte) (1 << random.nextInt(8));
            }
            refusals += refused(broken) ? 1 : 0;
        }
        assertThat(refusals).isBetween(1, 399);
    }

    /** Each value of the part before the vocabulary, replaced by values of other types. */
    @ParameterizedTest
    @ValueSource(strings = {"tiny-qwen3.json", "tiny-llama3.json", "stories260K.json"})
    void confusedTypes(String name) {
        String file = new String(References.resourceBytes(name), StandardCharsets.UTF_8);
        var matcher = Pattern.compile(":\\s*(\"(?:[^\"\\\\]|\\\\.)*\"|true|false|null|-?[0-9]+|\\[|\\{)")
                .matcher(file.substring(0, Math.min(file.length(), 5000)));
        String[] others = {"null", "[]", "{}", "\"\"", "\"x\"", "-1", "2147483647", "9999999999999", "1.5", "[[[]]]"};
        Random random = new Random(7);
        int tried = 0;
        while (matcher.find()) {
            String other = others[random.nextInt(others.length)];
            String value = matcher.group(1);
            String head = file.substring(0, matcher.start(1));
            String tail = value.equals("[") || value.equals("{")
                    ? file.substring(closing(file, matcher.start(1)) + 1)
                    : file.substring(matcher.end(1));
            refused((head + other + tail).getBytes(StandardCharsets.UTF_8));
            tried++;
        }
        assertThat(tried).isGreaterThan(50);
    }

    private static int closing(String file, int open) {
        int depth = 0;
        for (int i = open; ; i++) {
            char c = file.charAt(i);
            if (c == '"') {
                do {
                    i += file.charAt(i) == '\\' ? 2 : 1;
                } while (file.charAt(i) != '"');
            } else if (c == '[' || c == '{') {
                depth++;
            } else if ((c == ']' || c == '}') && --depth == 0) {
                return i;
            }
        }
    }

    static Stream<String> brokenFiles() {
        String bpe = "'model':{'type':'BPE','vocab':{'a':0,'b':1,'ab':2},'merges':['a b']}";
        String deep = "{'type':'Sequence','normalizers':[".repeat(90) + "]}".repeat(90);
        return Stream.of(
                "{}",
                "{'model':{}}",
                "{'model':{'type':'Unigram'}}",
                "{'model':{'type':'Quantum','vocab':{}}}",
                "{'model':{'type':'BPE','vocab':{'a':-1},'merges':[]}}",
                "{'model':{'type':'BPE','vocab':{'a':2147483647},'merges':[]}}",
                "{'model':{'type':'BPE','vocab':{'a':99999999999},'merges':[]}}",
                "{'model':{'type':'BPE','vocab':{'a':'0'},'merges':[]}}",
                "{'model':{'type':'BPE','vocab':{'a':0,'b':1},'merges':['a b']}}",
                "{'model':{'type':'BPE','vocab':{'a':0,'b':1,'ab':2},'merges':['a c']}}",
                "{'model':{'type':'BPE','vocab':{'a':0,'b':1,'ab':2},'merges':['ab']}}",
                "{'model':{'type':'BPE','vocab':{'a':0,'b':1,'ab':2},'merges':[['a','b','c']]}}",
                "{'model':{'type':'BPE','vocab':{'a':0},'merges':[],'unk_token':'u'}}",
                "{'normalizer':{'type':'Magic'}," + bpe + "}",
                "{'normalizer':{}," + bpe + "}",
                "{'pre_tokenizer':{'type':'Magic'}," + bpe + "}",
                "{'decoder':{'type':'Magic'}," + bpe + "}",
                "{'post_processor':{'type':'Magic'}," + bpe + "}",
                "{'post_processor':{'type':'TemplateProcessing','single':[]}," + bpe + "}",
                "{'pre_tokenizer':{'type':'Split','pattern':{'Regex':'('},'behavior':'Isolated'}," + bpe + "}",
                "{'pre_tokenizer':{'type':'Split','pattern':{'Regex':'" + "(".repeat(100_000) + "'}}," + bpe + "}",
                "{'pre_tokenizer':{'type':'Split','pattern':{'String':' '},'behavior':'Sideways'}," + bpe + "}",
                "{'pre_tokenizer':{'type':'Metaspace','replacement':'__'}," + bpe + "}",
                "{'pre_tokenizer':{'type':'FixedLength','length':0}," + bpe + "}",
                "{'added_tokens':[{'id':-5,'content':'x'}]," + bpe + "}",
                "{'added_tokens':[{'id':5,'content':'" + "x".repeat(5000) + "'}]," + bpe + "}",
                "{'normalizer':" + "{'type':'Sequence','normalizers':[".repeat(150) + "]}".repeat(150) + "," + bpe
                        + "}",
                "{'normalizer':" + deep.replace("[]", "[{'type':'Magic'}]") + "," + bpe + "}");
    }

    @ParameterizedTest
    @MethodSource("brokenFiles")
    void brokenFile_isRefused(String file) {
        assertThat(refused(file.replace('\'', '"').getBytes(StandardCharsets.UTF_8)))
                .isTrue();
    }

    @Test
    void unknownComponent_namesThoseKnown() {
        String file = "{'pre_tokenizer':{'type':'Magic'},'model':{'type':'BPE','vocab':{},'merges':[]}}";
        Fields fields = Fields.of("t.json", Json.parse("t.json", file.replace('\'', '"')));
        assertThatThrownBy(() -> Tokenizer.fromJson(fields, Optional.empty()))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("t.json: pre_tokenizer")
                .hasMessageContaining("Magic")
                .hasMessageContaining("ByteLevel");
    }

    @Test
    void twoTokensWithOneId_andEmptyTokens_work() {
        String file = "{'model':{'type':'BPE','vocab':{'a':0,'b':0,'':1},'merges':[]}}";
        Fields fields = Fields.of("t.json", Json.parse("t.json", file.replace('\'', '"')));
        assertThat(Tokenizer.fromJson(fields, Optional.empty()).encodePlain("ab"))
                .containsExactly(0, 0);
    }

    @Test
    void backtrackingPattern_isStopped() {
        String file = "{'pre_tokenizer':{'type':'Split','pattern':{'Regex':'(a+)+b'},'behavior':'Isolated'},"
                + "'model':{'type':'BPE','vocab':{'a':0},'merges':[]}}";
        Fields fields = Fields.of("t.json", Json.parse("t.json", file.replace('\'', '"')));
        Tokenizer tokenizer = Tokenizer.fromJson(fields, Optional.empty());
        assertThat(tokenizer.encodePlain("aab")).containsExactly(0, 0);
        assertThatThrownBy(() -> tokenizer.encodePlain("a".repeat(5000)))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("(a+)+b");
    }

    /** A million chars each; a quadratic algorithm would need hours. {@link LinearTest} counts. */
    static Stream<String> longTexts() {
        Stream<String> units = Stream.of(
                "a",
                "ab",
                "the quick brown ",
                " ",
                "\n",
                " \n",
                "\u00A0\u3000",
                "😀",
                "👩‍👩‍👧‍👦",
                "🇪🇺",
                "é",
                "\u0301",
                "1",
                "1,",
                "'",
                "'s",
                "<",
                "<|im_start|",
                "你",
                "각",
                "e\u0301\u0323",
                "▁",
                "▁a",
                "\u0000",
                "\uDC00");
        Random random = new Random(5);
        String latin1 = new String(random.ints(1_000_000, 0, 256).toArray(), 0, 1_000_000);
        String repeated = "ab";
        while (repeated.length() < 500_000) {
            repeated += repeated + (char) ('a' + random.nextInt(3)); // repetitions of repetitions
        }
        return Stream.concat(units.map(unit -> unit.repeat(1_000_000 / unit.length())), Stream.of(latin1, repeated));
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("longTexts")
    void longText_isEncodedAndDecoded(String text) {
        for (String name : new String[] {"tiny-qwen3", "tiny-llama3", "stories260K"}) {
            Tokenizer tokenizer = References.small(name);
            int[] ids = tokenizer.encodePlain(text);
            assertThat(ids.length).isBetween(1, 3 * text.length() + 1);
            assertThat(tokenizer.decode(ids)).isNotEmpty();
        }
    }
}
