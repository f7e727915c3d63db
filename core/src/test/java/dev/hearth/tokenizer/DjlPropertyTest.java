package dev.hearth.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.JsonWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Random text through every component, against Hugging Face's own tokenizers in Rust, which DJL's jar brings. */
class DjlPropertyTest {
    private static final String BYTES =
            "{'type':'ByteLevel','add_prefix_space':false,'trim_offsets':true,'use_regex':false}";

    /** A vocabulary with some of its parts replaced, in both implementations. */
    record Pair(String name, Tokenizer ours, HuggingFaceTokenizer theirs) {
        static Pair of(String base, String changes) {
            Map<String, Json> file =
                    new LinkedHashMap<>(References.resource(base).object().members());
            Json change =
                    Json.parse("change", ("{" + changes.replace('\'', '"') + "}").getBytes(StandardCharsets.UTF_8));
            file.putAll(((Json.Obj) change).members());
            Json json = new Json.Obj(file);
            try (var in = new ByteArrayInputStream(JsonWriter.write(json).getBytes(StandardCharsets.UTF_8))) {
                return new Pair(
                        base + " " + changes,
                        Tokenizer.fromJson(Fields.of(base, json), Optional.empty()),
                        HuggingFaceTokenizer.newInstance(
                                in, Map.of("truncation", "false", "modelMaxLength", "1000000")));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static final List<Pair> PAIRS = Stream.of(models(), normalizers(), preTokenizers(), decoders(), postProcessors())
            .flatMap(s -> s)
            .toList();

    private static Stream<Pair> models() {
        return Stream.of(
                Pair.of("tiny-qwen3.json", ""),
                Pair.of("tiny-llama3.json", ""),
                Pair.of("stories260K.json", ""),
                Pair.of("files/unigram.json", ""),
                Pair.of("files/unigram-bytes.json", ""),
                Pair.of("stories260K.json", model("'dropout':null,'fuse_unk':true")),
                Pair.of("stories260K.json", model("'fuse_unk':false")),
                Pair.of("stories260K.json", model("'fuse_unk':true,'ignore_merges':true")),
                Pair.of("stories260K.json", words("'type':'WordLevel','unk_token':'<unk>'")),
                Pair.of(
                        "stories260K.json",
                        words("'type':'WordPiece','unk_token':'<unk>','continuing_subword_prefix':'',"
                                + "'max_input_chars_per_word':7")));
    }

    private static String model(String more) {
        return "'model':{'type':'BPE','unk_token':'<unk>'," + more
                + ",'vocab':{'<unk>':0,'a':1,'b':2,'▁':3,'ab':4,'▁a':5,'e':6,'é':7},'merges':['a b','▁ a']}";
    }

    private static String words(String more) {
        return "'normalizer':null,'pre_tokenizer':{'type':'BertPreTokenizer'},'decoder':{'type':'WordPiece','prefix':'##','cleanup':true},'model':{"
                + more
                + ",'vocab':{'<unk>':0,'the':1,'Hello':2,'th':3,'e':4,'l':5,'1':6,'23':7,'好':8,'...':9,'.':10,'<s>':11,'</s>':12}}";
    }

    private static Stream<Pair> normalizers() {
        return Stream.of(
                        "{'type':'NFC'}",
                        "{'type':'NFD'}",
                        "{'type':'NFKC'}",
                        "{'type':'NFKD'}",
                        "{'type':'Lowercase'}",
                        "{'type':'Nmt'}",
                        "{'type':'Prepend','prepend':'x▁'}",
                        "{'type':'Strip','strip_left':true,'strip_right':true}",
                        "{'type':'Strip','strip_left':false,'strip_right':true}",
                        "{'type':'Replace','pattern':{'Regex':'[a-z]+\\\\s?'},'content':'<'}",
                        "{'type':'Replace','pattern':{'Regex':'\\\\w+'},'content':'<'}",
                        "{'type':'Replace','pattern':{'Regex':'[^\\\\w\\\\s]+'},'content':'<'}",
                        "{'type':'Replace','pattern':{'Regex':'\\\\b'},'content':'<'}",
                        "{'type':'Replace','pattern':{'String':'  '},'content':''}",
                        "{'type':'ByteLevel'}",
                        "{'type':'Sequence','normalizers':[{'type':'NFD'},{'type':'StripAccents'}]}",
                        bert(true, true, "null"),
                        bert(false, true, "null"),
                        bert(true, false, "false"),
                        bert(false, false, "true"))
                .map(n -> Pair.of("stories260K.json", "'normalizer':" + n));
    }

    private static String bert(boolean lowercase, boolean clean, String accents) {
        return "{'type':'BertNormalizer','clean_text':" + clean + ",'handle_chinese_chars':true,'strip_accents':"
                + accents + ",'lowercase':" + lowercase + "}";
    }

    private static Stream<Pair> preTokenizers() {
        Stream<String> cuts = Stream.of(
                "{'type':'Whitespace'}",
                "{'type':'WhitespaceSplit'}",
                "{'type':'UnicodeScripts'}",
                "{'type':'BertPreTokenizer'}",
                "{'type':'CharDelimiterSplit','delimiter':'e'}",
                "{'type':'FixedLength','length':3}",
                "{'type':'Digits','individual_digits':true}",
                "{'type':'Digits','individual_digits':false}",
                "{'type':'Punctuation','behavior':'Isolated'}",
                "{'type':'Punctuation','behavior':'MergedWithPrevious'}",
                "{'type':'Punctuation','behavior':'MergedWithNext'}",
                "{'type':'Punctuation','behavior':'Contiguous'}",
                "{'type':'Punctuation','behavior':'Removed'}",
                "{'type':'Split','pattern':{'Regex':'\\\\p{N}{1,3}(?=(?:\\\\p{N}{3})*(?:\\\\P{N}|$))'},"
                        + "'behavior':'Isolated','invert':false}",
                "{'type':'Split','pattern':{'Regex':'(?=(\\\\d{3})+(?!\\\\d))'},'behavior':'Isolated','invert':false}",
                "{'type':'Split','pattern':{'Regex':'\\\\d{1,3}(?=(?:\\\\d{3})*\\\\b)'},'behavior':'Isolated',"
                        + "'invert':false}",
                "{'type':'Split','pattern':{'Regex':'\\\\w+|[^\\\\w\\\\s]+'},'behavior':'Removed','invert':true}");
        Stream<Pair> bytes = cuts.map(p -> Pair.of(
                "tiny-llama3.json", "'pre_tokenizer':{'type':'Sequence','pretokenizers':[" + p + "," + BYTES + "]}"));
        Stream<Pair> metaspace = Stream.of("always", "first", "never")
                .flatMap(s -> Stream.of(true, false)
                        .map(split -> Pair.of(
                                "stories260K.json",
                                "'normalizer':null,'pre_tokenizer':{'type':'Metaspace','replacement':'▁','prepend_scheme':'"
                                        + s + "','split':" + split + "}")));
        return Stream.concat(bytes, metaspace);
    }

    private static Stream<Pair> decoders() {
        return Stream.of(
                        "{'type':'CTC','pad_token':'<unk>','word_delimiter_token':'▁','cleanup':true}",
                        "{'type':'CTC','pad_token':'e','word_delimiter_token':'t','cleanup':false}",
                        "{'type':'Replace','pattern':{'String':'▁'},'content':' '}",
                        "{'type':'WordPiece','prefix':'▁','cleanup':true}",
                        "{'type':'WordPiece','prefix':'##','cleanup':false}",
                        "{'type':'BPEDecoder','suffix':'e'}",
                        "{'type':'Strip','content':'▁','start':1,'stop':0}",
                        "{'type':'Metaspace','replacement':'▁','prepend_scheme':'always','split':true}",
                        "{'type':'Metaspace','replacement':'▁','prepend_scheme':'never','split':true}",
                        "{'type':'Sequence','decoders':[{'type':'ByteFallback'},{'type':'Fuse'}]}",
                        "{'type':'Sequence','decoders':[{'type':'Fuse'},{'type':'Strip','content':' ','start':2,'stop':0}]}")
                .map(d -> Pair.of("stories260K.json", "'decoder':" + d));
    }

    private static Stream<Pair> postProcessors() {
        String special =
                "'special_tokens':{'<s>':{'id':'<s>','ids':[1],'tokens':['<s>']},'</s>':{'id':'</s>','ids':[2],"
                        + "'tokens':['</s>']}}";
        String s = "{'SpecialToken':{'id':'<s>','type_id':0}}";
        String e = "{'SpecialToken':{'id':'</s>','type_id':1}}";
        String a = "{'Sequence':{'id':'A','type_id':0}}";
        String b = "{'Sequence':{'id':'B','type_id':1}}";
        String template = "{'type':'TemplateProcessing','single':[" + s + "," + a + "," + e + "],'pair':[" + s + "," + b
                + "," + e + "," + a + "]," + special + "}";
        return Stream.of(
                        template,
                        "{'type':'BertProcessing','sep':['</s>',2],'cls':['<s>',1]}",
                        "{'type':'RobertaProcessing','sep':['</s>',2],'cls':['<s>',1],'trim_offsets':true,"
                                + "'add_prefix_space':false}",
                        "{'type':'Sequence','processors':[{'type':'ByteLevel','add_prefix_space':true,'trim_offsets':true,"
                                + "'use_regex':true}," + template + "]}")
                .map(p -> Pair.of("stories260K.json", "'post_processor':" + p));
    }

    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> fragment = Arbitraries.oneOf(
                Arbitraries.of(
                        " ", "  ", "\n", "\r\n", "\t", "\u00A0", "\u3000", "'s", "'LL", "’s", "the", " Hello", "1",
                        "1234567"),
                Arbitraries.of(
                        "٣", "½", "Ⅳ", "é", "e\u0301", "你好", "😀", "👍🏽", "▁", "Ġ", "<", "|>", "...", "!?", "_", "-"),
                Arbitraries.of(
                        "<|im_start|>",
                        "<s>",
                        "</s>",
                        "<unk>",
                        "ﬁ",
                        "①\u0301",
                        "각",
                        "\u200D",
                        "\uFEFF",
                        "カタ",
                        "ー",
                        "рус"),
                Arbitraries.strings().withCharRange('a', 'z').ofMaxLength(5),
                Arbitraries.strings()
                        .withCharRange('\u00A0', '\u05FF')
                        .ofMaxLength(4)
                        .filter(DjlPropertyTest::isOld),
                Arbitraries.strings()
                        .withCharRange('\u3000', '\uD7FF')
                        .ofMaxLength(3)
                        .filter(DjlPropertyTest::isOld));
        return fragment.list().ofMaxSize(16).map(list -> String.join("", list));
    }

    /** Whether both sides know all characters: they go by different versions of Unicode. */
    private static boolean isOld(String text) {
        return text.codePoints().allMatch(c -> Character.getType(c) != Character.UNASSIGNED);
    }

    @Property(tries = 150)
    void encoded_asTheReference(@ForAll("texts") String text) {
        for (Pair pair : PAIRS) {
            int[] expected = ids(pair.theirs.encode(text, false, false).getIds());
            assertThat(pair.ours.encodePlain(text)).as("%s: %s", pair, text).isEqualTo(expected);
        }
    }

    @Property(tries = 150)
    void pairs_asTheReference(@ForAll("texts") String first, @ForAll("texts") String second) {
        for (Pair pair : PAIRS) {
            var expected = pair.theirs.encode(first, second, true, false);
            Encoding found = pair.ours.encode(first, second);
            assertThat(found.ids()).as("%s: %s, %s", pair, first, second).isEqualTo(ids(expected.getIds()));
            assertThat(found.typeIds()).as("%s: %s, %s", pair, first, second).isEqualTo(ids(expected.getTypeIds()));
        }
    }

    @Property(tries = 150)
    void decoded_asTheReference(@ForAll("ids") int[] ids) {
        for (Pair pair : PAIRS) {
            long[] theirs = Arrays.stream(ids).asLongStream().toArray();
            assertThat(pair.ours.decode(ids)).as("%s: %s", pair, ids).isEqualTo(pair.theirs.decode(theirs, false));
            assertThat(pair.ours.decodeSkippingSpecial(ids))
                    .as("%s: %s", pair, ids)
                    .isEqualTo(pair.theirs.decode(theirs, true));
        }
    }

    @Provide
    Arbitrary<int[]> ids() {
        return Arbitraries.integers().between(0, 500).array(int[].class).ofMaxSize(20);
    }

    private static int[] ids(long[] ids) {
        return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
    }
}
