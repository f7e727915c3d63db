package dev.hearth.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What config.json says of attention by content and distance. */
class RelativeConfigTest {
    private static final String DEBERTA = """
            {"model_type": "deberta-v2", "vocab_size": 9, "hidden_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2,
             "intermediate_size": 8, "relative_attention": true, "max_position_embeddings": 48}""";

    private static ModelConfig read(Map<String, String> changes) {
        Map<String, Json> members = new LinkedHashMap<>(
                Fields.of("config.json", Json.parse("c", DEBERTA)).object().members());
        changes.forEach((key, value) -> members.put(key, Json.parse("c", value)));
        return HuggingFaceConfig.read(new Fields("config.json", new Json.Obj(members)));
    }

    /** As transformers' make_log_bucket_position has them. */
    @ParameterizedTest
    @CsvSource({
        "8,48,4,4",
        "8,48,5,5",
        "8,48,8,5",
        "8,48,24,7",
        "8,48,47,7",
        "8,48,51,7",
        "7,31,3,3",
        "7,31,4,4",
        "7,31,7,4",
        "7,31,15,5",
        "7,31,30,5",
        "7,31,34,6",
        "256,512,128,128",
        "256,512,129,129",
        "256,512,256,192",
        "256,512,511,255",
        "256,512,512,255",
        "4,33,3,3",
        "4,33,16,3",
        "4,33,32,3",
        "2,30,1,1",
        "2,30,29,1",
        "0,6,5,5",
        "0,6,6,5",
        "0,6,90,5"
    })
    void buckets_areSharedByLogarithmFarAway(int count, int furthest, int distance, int bucket) {
        var buckets = new DistanceBuckets(count, furthest);
        int reach = 600;
        int[] rows = buckets.rows(reach);
        assertThat(rows[reach]).isEqualTo(buckets.span());
        assertThat(rows[reach + distance]).isEqualTo(buckets.span() + bucket);
        assertThat(rows[reach - distance]).isBetween(buckets.span() - bucket - 1, buckets.span() - bucket);
        assertThat(rows).isSorted();
    }

    @Test
    void scale_countsTheTermsEvenWhereThereAreNone() {
        assertThat(read(Map.of()).attentionScale()).isCloseTo((float) Math.sqrt(1 / 12.0), within(1e-7f));
        assertThat(read(Map.of("pos_att_type", "\"p2c|c2p\"")).attentionScale())
                .isCloseTo((float) Math.sqrt(1 / 36.0), within(1e-7f));
        ModelConfig absolute = read(Map.of("pos_att_type", "[\"c2p\"]", "relative_attention", "false"));
        assertThat(absolute.attentionScale()).isCloseTo((float) Math.sqrt(1 / 24.0), within(1e-7f));
        assertThat(RelativeConfig.hasKeys(absolute)).isFalse();
    }

    @Test
    void distances_boundedByTheContextUnlessTheFileSays() {
        ModelConfig c = read(Map.of("pos_att_type", "[\"c2p\"]", "max_relative_positions", "-1"));
        assertThat(RelativeConfig.buckets(c)).isEqualTo(new DistanceBuckets(0, 48));
        assertThat(RelativeConfig.hasKeys(c)).isTrue();
        assertThat(RelativeConfig.hasQueries(c)).isFalse();
        c = read(Map.of("position_buckets", "6", "max_relative_positions", "20"));
        assertThat(RelativeConfig.buckets(c)).isEqualTo(new DistanceBuckets(6, 20));
        assertThat(RelativeConfig.buckets(c.withContextLength(99))).isEqualTo(new DistanceBuckets(6, 20));
    }

    @Test
    void read_refusesBucketsThatHaveNoLogarithm() {
        assertThatThrownBy(() -> read(Map.of("position_buckets", "38", "max_relative_positions", "20")))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("position_buckets: expected at least 2")
                .hasMessageEndingWith("found 38");
        ModelConfig near = read(Map.of("position_buckets", "94")); // all distances have their own
        assertThat(RelativeConfig.buckets(near).rows(47))
                .containsSequence(93, 94, 95)
                .doesNotHaveDuplicates();
    }

    @Test
    void read_refusesMoreDistancesThanATableHasRoomFor() {
        assertThatThrownBy(() -> read(Map.of("max_position_embeddings", "2000000000", "max_relative_positions", "20")))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("max_position_embeddings: expected at most 16777216, found 2000000000");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "pos_att_type; [\"c2p\", \"p2p\"]; expected c2p or p2c, found p2p",
                "norm_rel_ebd; \"batch_norm\"; expected layer_norm or none, found batch_norm",
                "position_buckets; 1; expected at least 2",
                "position_buckets; 20000000; and at most 16777216",
                "max_relative_positions; 20000000; up to 20000000",
                "conv_kernel_size; 4; expected an odd size and groups that 24 divides into, found 4 and 1",
                "pooler_hidden_act; \"sine\"; found sine",
                "hidden_act; \"sine\"; found sine"
            })
    void read_refusesWhatIsNotThereByName(String key, String value, String message) {
        assertThatThrownBy(() -> read(Map.of(key, value)))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining(key)
                .hasMessageContaining(message);
    }
}
