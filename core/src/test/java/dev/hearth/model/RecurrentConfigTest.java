package dev.hearth.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import dev.hearth.model.ModelConfig.Mixer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What config.json says of layers with a state of fixed size. */
class RecurrentConfigTest {
    private static final String LFM2 = """
            {"model_type": "lfm2", "vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 3, "num_attention_heads": 2,
             "block_ff_dim": 30, "block_multiple_of": 8, "conv_L_cache": 4}""";
    private static final String QWEN = """
            {"model_type": "qwen3_next", "vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 4, "head_dim": 16,
             "num_attention_heads": 2, "linear_num_key_heads": 2, "linear_num_value_heads": 4,
             "linear_key_head_dim": 3, "linear_value_head_dim": 5, "hidden_act": "silu"}""";

    private static ModelConfig read(String json, Map<String, String> changes) {
        Map<String, Json> members = new LinkedHashMap<>(
                Fields.of("config.json", Json.parse("c", json)).object().members());
        changes.forEach((key, value) -> members.put(key, Json.parse("c", value)));
        return HuggingFaceConfig.read(new Fields("config.json", new Json.Obj(members)));
    }

    @Test
    void lfm2_layersByTypesOrByIndices() {
        var attending = read(LFM2, Map.of());
        assertThat(attending.layers()).extracting(ModelConfig.Layer::mixer).containsOnly(Mixer.ATTENTION);
        var indices = read(LFM2, Map.of("full_attn_idxs", "[1]"));
        assertThat(indices.layers())
                .extracting(ModelConfig.Layer::mixer)
                .containsExactly(Mixer.RECURRENT, Mixer.ATTENTION, Mixer.RECURRENT);
        var types = read(LFM2, Map.of("layer_types", "[\"conv\", \"full_attention\", \"conv\"]"));
        assertThat(types.layers()).isEqualTo(indices.layers());
        assertThat(new LayerPlan(types).groups())
                .containsExactly(
                        new StateSpec.Kv(1, 2, 4, types.layers().get(1).values(), Integer.MAX_VALUE),
                        new StateSpec.Recurrent(2, 8 * 3));
    }

    @ParameterizedTest
    @CsvSource({"true,,24", "true,1.3,32", "false,1.3,30"})
    void lfm2_feedForwardSizeIsAdjusted(String adjusted, String multiplier, int size) {
        var changes = new LinkedHashMap<>(Map.of("block_auto_adjust_ff_dim", adjusted));
        if (multiplier != null) {
            changes.put("block_ffn_dim_multiplier", multiplier);
        }
        assertThat(read(LFM2, changes).mlpSize()).isEqualTo(size);
    }

    @Test
    void qwen3Next_takesDefaults() {
        var c = read(QWEN, Map.of());
        assertThat(c.layers())
                .extracting(ModelConfig.Layer::mixer)
                .containsExactly(Mixer.RECURRENT, Mixer.RECURRENT, Mixer.RECURRENT, Mixer.ATTENTION);
        assertThat(c.layers().getLast().rope().orElseThrow().rotaryDim()).isEqualTo(4);
        int channels = 2 * 2 * 3 + 4 * 5;
        assertThat(new LayerPlan(c).groups()).contains(new StateSpec.Recurrent(3, channels * 3 + 4 * 3 * 5));
        var every2 = read(QWEN, Map.of("full_attention_interval", "2", "partial_rotary_factor", "0.5"));
        assertThat(every2.layers().get(1).mixer()).isEqualTo(Mixer.ATTENTION);
        assertThat(every2.layers().get(1).rope().orElseThrow().rotaryDim()).isEqualTo(8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "hidden_act; \"relu\"",
                "attn_output_gate; false",
                "layer_types; [\"conv\", \"conv\", \"conv\", \"conv\"]",
                "layer_types; [\"linear_attention\"]",
                "linear_num_key_heads; null"
            })
    void qwen3Next_refusesByKey(String key, String value) {
        assertThatThrownBy(() -> read(QWEN, Map.of(key, value)))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining(key);
    }

    @Test
    void rwkv_keepsFiveTokensAndThreeSums() {
        var c = read("""
                {"model_type": "rwkv", "vocab_size": 9, "hidden_size": 7, "num_hidden_layers": 2,
                 "attention_hidden_size": 11, "intermediate_size": null}""", Map.of());
        assertThat(new LayerPlan(c).groups()).containsExactly(new StateSpec.Recurrent(2, 5 * 7 + 3 * 11));
        assertThat(c.mlpSize()).isEqualTo(28);
    }
}
