package dev.hearth.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Two texts that a model sees together. */
class PairEncodingTest {
    private static Tokenizer tokenizer(String postProcessor) {
        String file = "{" + postProcessor + "'model':{'type':'BPE','vocab':{'a':0,'b':1},'merges':[]}}";
        return Tokenizer.fromJson(
                Fields.of("test.json", Json.parse("test.json", file.replace('\'', '"'))), Optional.empty());
    }

    private static String piece(String kind, String id, int type) {
        return "{'" + kind + "':{'id':'" + id + "','type_id':" + type + "}}";
    }

    @Test
    void withoutProcessor_oneAfterTheOther() {
        Encoding pair = tokenizer("").encode("ab", "b");
        assertThat(pair.ids()).containsExactly(0, 1, 1);
        assertThat(pair.typeIds()).containsExactly(0, 0, 1);
        assertThat(pair.size()).isEqualTo(3);
    }

    @Test
    void bert_oneSeparator_secondHasAType() {
        Tokenizer bert =
                tokenizer("'post_processor':{'type':'BertProcessing','sep':['[SEP]',102],'cls':['[CLS]',101]},");
        assertThat(bert.encode("a")).containsExactly(101, 0, 102);
        Encoding pair = bert.encode("a", "bb");
        assertThat(pair.ids()).containsExactly(101, 0, 102, 1, 1, 102);
        assertThat(pair.typeIds()).containsExactly(0, 0, 0, 1, 1, 1);
    }

    @Test
    void roberta_twoSeparators_noTypes() {
        Tokenizer roberta = tokenizer("'post_processor':{'type':'RobertaProcessing','sep':['</s>',12],'cls':['<s>',10],"
                + "'trim_offsets':true,'add_prefix_space':false},");
        Encoding pair = roberta.encode("a", "b");
        assertThat(pair.ids()).containsExactly(10, 0, 12, 12, 1, 12);
        assertThat(pair.typeIds()).containsOnly(0);
    }

    @Test
    void template_anyOrderAndTypes_inASequence() {
        String special = "'special_tokens':{'<s>':{'id':'<s>','ids':[7,8],'tokens':['<s>','x']}}";
        Tokenizer template = tokenizer("'post_processor':{'type':'Sequence','processors':[{'type':'ByteLevel'},"
                + "{'type':'TemplateProcessing','single':[" + piece("Sequence", "A", 3) + ","
                + piece("SpecialToken", "<s>", 2) + "],'pair':[" + piece("Sequence", "B", 1) + ","
                + piece("SpecialToken", "<s>", 4) + "," + piece("Sequence", "A", 0) + "]," + special + "}]},");
        assertThat(template.encodeTyped("ab").ids()).containsExactly(0, 1, 7, 8);
        assertThat(template.encodeTyped("ab").typeIds()).containsExactly(3, 3, 2, 2);
        Encoding pair = template.encode("a", "b");
        assertThat(pair.ids()).containsExactly(1, 7, 8, 0);
        assertThat(pair.typeIds()).containsExactly(1, 4, 4, 0);
    }

    @Test
    void template_withoutTheSecond_isRefused() {
        String processor = "'post_processor':{'type':'TemplateProcessing','single':[" + piece("Sequence", "A", 0)
                + "],'pair':[" + piece("Sequence", "A", 0) + "],'special_tokens':{}},";
        assertThatThrownBy(() -> tokenizer(processor))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("pair");
    }
}
