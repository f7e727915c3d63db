package dev.hearth.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class TokenizerPropertyTest {
    private static final Tokenizer QWEN = References.small("tiny-qwen3");
    private static final Tokenizer LLAMA = References.small("tiny-llama3");
    private static final Tokenizer STORIES = References.small("stories260K");

    /** Text with much white space, many contractions, marks, scripts, and the odd character beyond the basic plane. */
    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> fragment = Arbitraries.oneOf(
                Arbitraries.of(
                        " ", "  ", "\n", "\r\n", "\t", "\u00A0", "\u3000", "\u0085", "\u2028", "'s", "'LL", "'ſ", "'",
                        "’s"),
                Arbitraries.of(
                        "the", " Hello", "1", "123", "٣", "½", "Ⅳ", "é", "e\u0301", "你好", "😀", "👍🏽", "▁", "Ġ", "<",
                        "|>"),
                Arbitraries.of(
                        "...", "!?", "_", "-", "<|im_", "<s", "ﬁ", "İ", "각", "\u200D", "\uFEFF", "\u0000", "\uFFFF"),
                Arbitraries.strings().all().ofMaxLength(4).map(TokenizerPropertyTest::withoutLoneSurrogates));
        return fragment.list().ofMaxSize(24).map(list -> String.join("", list));
    }

    private static String withoutLoneSurrogates(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().filter(c -> c < 0xD800 || c > 0xDFFF).forEach(out::appendCodePoint);
        return out.toString();
    }

    @Property(tries = 1000)
    void byteLevel_decodesToWhatWasEncoded(@ForAll("texts") String text) {
        assertThat(QWEN.decode(QWEN.encodePlain(text))).isEqualTo(text);
        assertThat(LLAMA.decode(LLAMA.encodePlain(text))).isEqualTo(text);
    }

    @Property(tries = 500)
    void loneSurrogates_becomeReplacementCharacters(@ForAll String text) {
        StringBuilder expected = new StringBuilder();
        text.codePoints().forEach(c -> expected.appendCodePoint(c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c));
        assertThat(QWEN.decode(QWEN.encodePlain(text))).isEqualTo(expected.toString());
    }

    @Property(tries = 500)
    void sentencePiece_decodesToWhatWasEncoded(@ForAll("texts") String text) {
        // A mark in the text comes back as a space; text such as "<s>" would be a token.
        String plain = text.replace("▁", "").replace("<", "");
        assertThat(STORIES.decode(STORIES.encodePlain(plain))).isEqualTo(plain);
    }

    @Property(tries = 300)
    void cutByHand_asByTheExpression(@ForAll("texts") String text) {
        for (WordSplitter splitter : WordSplitter.values()) {
            char[] chars = text.toCharArray();
            IntList byHand = new IntList(16);
            splitter.find(chars, 0, chars.length, byHand);
            IntList byExpression = new IntList(16);
            TextPattern.compile("test", splitter.source()).find(chars, 0, chars.length, byExpression);
            assertThat(byHand.toArray()).as(splitter.name()).isEqualTo(byExpression.toArray());
        }
    }

    @Property(tries = 500)
    void streamed_asDecodedAtOnce(@ForAll("ids") int[] ids) {
        for (Tokenizer tokenizer : List.of(QWEN, LLAMA, STORIES)) {
            StreamingDecoder decoder = tokenizer.streaming();
            StringBuilder streamed = new StringBuilder();
            for (int id : ids) {
                String part = decoder.push(id);
                assertThat(part.isEmpty() || !Character.isHighSurrogate(part.charAt(part.length() - 1)))
                        .isTrue();
                streamed.append(part);
            }
            streamed.append(decoder.finish());
            assertThat(streamed.toString()).isEqualTo(tokenizer.decode(ids));
        }
    }

    /** What has been handed out is a beginning of what any continuation decodes to. */
    @Property(tries = 300)
    void streamedText_isNeverTakenBack(@ForAll("ids") int[] ids, @ForAll("ids") int[] more) {
        for (Tokenizer tokenizer : List.of(QWEN, LLAMA, STORIES)) {
            StreamingDecoder decoder = tokenizer.streaming();
            StringBuilder streamed = new StringBuilder();
            Arrays.stream(ids).forEach(id -> streamed.append(decoder.push(id)));
            int[] all = Arrays.copyOf(ids, ids.length + more.length);
            System.arraycopy(more, 0, all, ids.length, more.length);
            assertThat(tokenizer.decode(ids)).startsWith(streamed.toString());
            assertThat(tokenizer.decode(all)).startsWith(streamed.toString());
        }
    }

    /** Byte tokens, in all kinds of broken order, ids that no token has, and others. */
    @Provide
    Arbitrary<int[]> ids() {
        return Arbitraries.oneOf(
                        Arbitraries.integers().between(0, 520),
                        Arbitraries.integers().between(3, 261))
                .array(int[].class)
                .ofMaxSize(30);
    }

    @Property(tries = 500)
    void literalWithoutControlTokens_asTheWholeText(@ForAll("texts") String a, @ForAll("texts") String b) {
        String head = "<|im_start|>user\n";
        String text = head + a + "<|im_end|>\n" + b;
        for (Tokenizer tokenizer : List.of(QWEN, LLAMA)) {
            var spans = List.of(
                    new TextSpan(text.length() - b.length(), text.length()),
                    new TextSpan(head.length(), head.length() + a.length()));
            assertThat(tokenizer.encode(text, spans)).isEqualTo(tokenizer.encodePlain(text));
        }
    }

    @Property(tries = 500)
    void literalText_neverBecomesAControlToken(@ForAll("texts") String a, @ForAll("texts") String b) {
        String text = a + "<|im_end|>" + b + "<|im_start|><unk>";
        for (Tokenizer tokenizer : List.of(QWEN, LLAMA)) {
            int[] ids = tokenizer.encode(text, List.of(new TextSpan(0, text.length())));
            assertThat(Arrays.stream(ids).anyMatch(tokenizer::isSpecial)).isFalse();
            assertThat(tokenizer.decode(ids)).isEqualTo(text);
        }
    }

    @Property(tries = 300)
    void longPieces_mergeAsShortOnesDo(@ForAll("texts") String text) {
        // Merging by heap and by looking through all neighbours must agree: compare with the plainest way to do it.
        String word = text.replaceAll("[^a-z]", "") + "thethehellothe".repeat(6);
        Bpe bpe = (Bpe) ModelJson.read(
                References.resource("tiny-qwen3.json").fields("model").orElseThrow(), ModelJson.Input.BYTES);
        IntList ids = new IntList(8);
        bpe.encoder().encode(word.toCharArray(), 0, word.length(), ids);
        assertThat(ids.toArray()).isEqualTo(PlainMerge.encode(bpe, word));
    }

    /** Byte-pair encoding as the paper has it. */
    private static final class PlainMerge {
        static int[] encode(Bpe bpe, String word) {
            IntList symbols = new IntList(8);
            bpe.symbols().read(word.toCharArray(), 0, word.length(), symbols);
            java.util.ArrayList<Integer> list = new java.util.ArrayList<>();
            Arrays.stream(symbols.toArray()).forEach(list::add);
            while (true) {
                int best = -1;
                long bestMerge = MergeTable.NONE;
                for (int i = 0; i + 1 < list.size(); i++) {
                    long merge = bpe.merges().find(list.get(i), list.get(i + 1));
                    if (merge < bestMerge) {
                        best = i;
                        bestMerge = merge;
                    }
                }
                if (best < 0) {
                    return list.stream().mapToInt(i -> i).toArray();
                }
                list.set(best, (int) bestMerge);
                list.subList(best + 1, best + 2).clear();
            }
        }
    }
}
