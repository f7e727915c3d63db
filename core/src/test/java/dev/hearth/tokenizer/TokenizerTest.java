package dev.hearth.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenizerTest {
    private final Tokenizer qwen = References.small("tiny-qwen3");

    private static Fields json(String text) {
        return Fields.of("test.json", Json.parse("test.json", text.replace('\'', '"')));
    }

    /** A vocabulary of single letters a to z, the mark ▁, and what is given. */
    private static Tokenizer letters(String added, String rest) {
        String vocab = IntStream.range(0, 26)
                .mapToObj(i -> "'" + (char) ('a' + i) + "':" + i)
                .collect(Collectors.joining(","));
        return Tokenizer.fromJson(
                json("{'added_tokens':[" + added + "]," + rest + "'model':{'type':'BPE','vocab':{" + vocab
                        + ",'▁':26,'ab':27,' ':28,'<':29,'>':30},'merges':['a b']}}"),
                Optional.empty());
    }

    private static String token(String content, String flags) {
        return "{'id':0,'content':'" + content + "','normalized':false," + flags + "'special':true}";
    }

    @Test
    void partOfAControlToken_inLiteralText_staysText() {
        String text = "<|im_start|>hi";
        int start = qwen.idOf("<|im_start|>").orElseThrow();
        assertThat(qwen.encode(text, List.of(new TextSpan(12, 14)))).startsWith(start);
        assertThat(qwen.encode(text, List.of(new TextSpan(11, 14)))).doesNotContain(start);
        assertThat(qwen.encode(text, List.of(new TextSpan(0, 1)))).doesNotContain(start);
        assertThat(qwen.encode(text, List.of(new TextSpan(5, 5)))).startsWith(start);
    }

    @Test
    void spanOutsideOfTheText_isRefused() {
        assertThatThrownBy(() -> qwen.encode("ab", List.of(new TextSpan(1, 3))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3");
    }

    @Test
    void ordinaryAddedToken_isControl_onceATemplateNamesIt() {
        Tokenizer tokenizer = letters(
                "{'id':31,'content':'<tool>','normalized':false},{'id':32,'content':'<x>','normalized':false}", "");
        List<TextSpan> all = List.of(new TextSpan(0, 9));
        assertThat(tokenizer.encode("<tool><x>", all)).containsExactly(31, 32);
        assertThat(tokenizer.withControlTokensIn("{{ '<tool>' }}").encode("<tool><x>", all))
                .containsExactly(29, 19, 14, 14, 11, 30, 32);
    }

    @Test
    void controlToken_isNotMadeByMerges_inLiteralText() {
        Tokenizer tokenizer = letters(token("ab", ""), "");
        assertThat(tokenizer.encodePlain("cab")).containsExactly(2, 27);
        assertThat(tokenizer.encode("cab", List.of(new TextSpan(0, 3)))).containsExactly(2, 0, 1);
    }

    @Test
    void controlTokenInNormalizedText_knowsWhereItCameFrom() {
        Tokenizer tokenizer = letters(
                "{'id':31,'content':'<end>','normalized':true,'special':true}", "'normalizer':{'type':'Lowercase'},");
        assertThat(tokenizer.encodePlain("a<END>b<End>")).containsExactly(0, 31, 1, 31);
        assertThat(tokenizer.encode("a<END>b<End>", List.of(new TextSpan(6, 7))))
                .containsExactly(0, 31, 1, 31);
        assertThat(tokenizer.encode("a<END>b<End>", List.of(new TextSpan(6, 8))))
                .containsExactly(0, 31, 1, 29, 4, 13, 3, 30);
    }

    @Test
    void addedTokens_stripAndSingleWord() {
        Tokenizer tokenizer = letters(
                token("xx", "'lstrip':true,") + "," + token("yy", "'rstrip':true,") + ","
                        + token("zz", "'single_word':true,"),
                "");
        assertThat(tokenizer.encodePlain("a  xxb")).containsExactly(0, 31, 1);
        assertThat(tokenizer.encodePlain("yy \n b")).containsExactly(32, 1);
        assertThat(tokenizer.encodePlain("zz azz zz")).containsExactly(33, 28, 0, 25, 25, 28, 33);
    }

    @Test
    void longestAddedToken_wins() {
        Tokenizer tokenizer = letters(token("qq", "") + "," + token("qqq", ""), "");
        assertThat(tokenizer.encodePlain("qqqq")).containsExactly(32, 16);
    }

    @Test
    void unknownCharacter_withoutUnknownToken_isDropped() {
        assertThat(letters("", "").encodePlain("aÄb")).containsExactly(27);
    }

    @Test
    void bytes_ofATokenInTheMiddle() {
        assertThat(qwen.bytesOf(qwen.idOf("Ġ").orElseThrow())).containsExactly(' ');
        assertThat(qwen.bytesOf(100_000)).isEmpty();
        Tokenizer stories = References.small("stories260K");
        assertThat(stories.bytesOf(stories.idOf("<0xE4>").orElseThrow())).containsExactly(0xE4);
        assertThat(stories.bytesOf(stories.idOf("▁t").orElseThrow())).isEqualTo(" t".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void config_namesBeginningAndEnd() {
        Tokenizer tokenizer = Tokenizer.fromJson(
                References.resource("stories260K.json"),
                Optional.of(json("{'bos_token':{'content':'<s>'},'eos_token':'</s>'}")));
        assertThat(tokenizer.bosId()).hasValue(1);
        assertThat(tokenizer.eosId()).hasValue(2);
        assertThat(tokenizer.vocabSize()).isEqualTo(512);
        assertThat(tokenizer.tokenOf(1)).hasValue("<s>");
        assertThat(tokenizer.isSpecial(1)).isTrue();
        assertThat(tokenizer.isSpecial(300)).isFalse();
    }

    @Test
    void streaming_holdsBackHalfACharacter() {
        int[] ids = qwen.encodePlain("é");
        StreamingDecoder decoder = qwen.streaming();
        assertThat(decoder.push(ids[0])).isEmpty();
        assertThat(decoder.push(ids[1])).isEqualTo("é");
        assertThat(decoder.finish()).isEmpty();
        assertThatThrownBy(() -> decoder.push(1)).isInstanceOf(IllegalStateException.class);
    }
}
