package dev.hearth.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.JsonWriter;
import dev.hearth.format.ModelFormatException;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.RopeSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HuggingFaceConfigTest {
    private static final long SEED = 20261122;

    private static byte[] bytes(String family) {
        try (InputStream in = HuggingFaceConfigTest.class.getResourceAsStream("/configs/" + family + ".json")) {
            return Objects.requireNonNull(in, family).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ModelConfig read(byte[] json) {
        return HuggingFaceConfig.read(Fields.of("config.json", Json.parse("config.json", json)));
    }

    private static ModelConfig with(String family, Map<String, Json> changes) {
        Map<String, Json> members = new LinkedHashMap<>(
                Fields.of("c", Json.parse("c", bytes(family))).object().members());
        members.putAll(changes);
        return read(JsonWriter.write(new Json.Obj(members)).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    @Test
    void read_gemma3AlternatesWindowsAndBases() {
        ModelConfig c = read(bytes("gemma3_text"));
        assertThat(c.layers()).extracting(ModelConfig.Layer::window).containsExactly(8, 8, AttentionSpec.NO_WINDOW);
        assertThat(c.layers())
                .extracting(l -> l.rope().orElseThrow().base())
                .containsExactly(10_000.0, 10_000.0, 1_000_000.0);
        assertThat(c.normOffset()).isEqualTo(1);
        assertThat(c.embeddingScale()).isEqualTo(8);
        assertThat(new LayerPlan(c).groups()).extracting(StateSpec::layerCount).containsExactly(2, 1);
    }

    @Test
    void read_smolLm3LeavesOutRotations() {
        assertThat(read(bytes("smollm3")).layers())
                .extracting(l -> l.rope().isPresent())
                .containsExactly(true, true, true, false);
    }

    @Test
    void read_bothSpellingsOfRopeAreTheSame() {
        Json parameters = Json.parse(
                "p",
                "{\"rope_type\":\"yarn\",\"factor\":4.0,\"original_max_position_embeddings\":32,\"rope_theta\":1000000.0}");
        ModelConfig v5 = with(
                "qwen3",
                Map.of("rope_parameters", parameters, "rope_theta", Json.Null.NULL, "rope_scaling", Json.Null.NULL));
        assertThat(v5.layers()).isEqualTo(read(bytes("qwen3")).layers());
    }

    @Test
    void rope_dynamicStretchesTheBaseOnlyBeyondItsContext() {
        Json scaling = Json.parse("s", "{\"rope_type\":\"dynamic\",\"factor\":2.0}");
        RopeConfig rope = with("llama", Map.of("rope_scaling", scaling))
                .layers()
                .getFirst()
                .rope()
                .orElseThrow();
        RopeSpec within = rope.spec(16, 256);
        RopeSpec beyond = rope.spec(16, 512);
        assertThat((double) within.inverseFrequency(7)).isCloseTo(Math.pow(500_000, -14.0 / 16), within(1e-9));
        double base = 500_000 * Math.pow(2.0 * 512 / 256 - 1, 16 / 14.0); // transformers' formula
        assertThat((double) beyond.inverseFrequency(7)).isCloseTo(Math.pow(base, -14.0 / 16), within(1e-9));
    }

    @Test
    void rope_longRopeTakesTheLongFactorsBeyondItsContext() {
        RopeConfig rope = read(bytes("phi3")).layers().getFirst().rope().orElseThrow();
        assertThat(rope.rotaryDim()).isEqualTo(12);
        double plain = Math.pow(10_000, -10.0 / 12);
        assertThat((double) rope.spec(16, 4096).inverseFrequency(5)).isCloseTo(plain / 2.5, within(1e-9));
        assertThat((double) rope.spec(16, 4097).inverseFrequency(5)).isCloseTo(plain / 16, within(1e-9));
    }

    @Test
    void read_unknownFamilyListsThoseKnown() {
        assertThatThrownBy(() -> with("llama", Map.of("model_type", new Json.Str("llamb"))))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("llamb")
                .hasMessageContaining("gemma2")
                .hasMessageContaining("qwen3_moe");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama",
                "mistral",
                "qwen3",
                "gemma2",
                "gemma3_text",
                "phi3",
                "smollm3",
                "qwen3_moe",
                "lfm2",
                "qwen3_next",
                "rwkv",
                "falcon_mamba",
                "mamba2",
                "jamba",
                "bamba",
                "falcon_h1",
                "granitemoehybrid",
                "nemotron_h"
            })
    void read_strangeValuesEndInAnErrorOrAPlan(String family) {
        List<Json> strange = List.of(
                new Json.Int(-1),
                new Json.Int(0),
                new Json.Int(1),
                new Json.Int(3),
                new Json.Int(1L << 31),
                new Json.Int((1L << 31) - 1),
                new Json.Int(1L << 62),
                new Json.Real(Double.NaN),
                new Json.Real(1e308),
                new Json.Real(-0.5),
                new Json.Real(1e-300),
                new Json.Str("x"),
                new Json.Str(""),
                Json.Null.NULL,
                new Json.Bool(true),
                new Json.Arr(List.of()),
                new Json.Arr(List.of(new Json.Int(7))),
                new Json.Obj(Map.of()),
                new Json.Obj(Map.of("rope_type", new Json.Str("yarn"), "factor", new Json.Real(0))));
        int plans = 0;
        for (String name : Fields.of("c", Json.parse("c", bytes(family)))
                .object()
                .members()
                .keySet()) {
            for (Json value : strange) {
                plans += planOrError(() -> with(family, Map.of(name, value))) ? 1 : 0;
            }
        }
        assertThat(plans).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "phi3", "gemma3_text"})
    void read_flippedBytesEndInAnErrorOrAPlan(String family) {
        Random random = new Random(SEED);
        byte[] whole = bytes(family);
        for (int i = 0; i < 3000; i++) {
            byte[] broken = whole.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
            }
            planOrError(() -> read(broken));
        }
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(whole, length);
            planOrError(() -> read(cut));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "mamba2, hidden_act, gelu",
        "falcon_mamba, hidden_act, relu",
        "jamba, hidden_act, gelu",
        "bamba, hidden_act, gelu",
        "falcon_h1, hidden_act, gelu",
        "granitemoehybrid, hidden_act, gelu",
        "granitemoehybrid, position_embedding_type, alibi",
        "nemotron_h, mamba_hidden_act, gelu",
        "nemotron_h, mlp_hidden_act, tanh",
        "nemotron_h, hybrid_override_pattern, MEM*X",
        "nemotron_h, hybrid_override_pattern, MEM"
    })
    void read_settingsThatAreNotThereAreRefusedByName(String family, String key, String value) {
        assertThatThrownBy(() -> with(family, Map.of(key, new Json.Str(value))))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining(key);
    }

    @Test
    void read_nemotronHInBothSpellings() {
        Json types = Json.parse("t", "[\"mamba\",\"moe\",\"attention\",\"mlp\",\"moe\"]");
        ModelConfig words = with(
                "nemotron_h",
                Map.of(
                        "layers_block_type",
                        types,
                        "hybrid_override_pattern",
                        Json.Null.NULL,
                        "num_hidden_layers",
                        Json.Null.NULL));
        assertThat(words).isEqualTo(read(bytes("nemotron_h")));
    }

    @Test
    void read_stepLimitsInBothSpellings() {
        Json plain = Json.parse("l", "[0.0, Infinity]");
        Json wrapped = Json.parse("l", "[0.0, {\"__float__\": \"Infinity\"}]");
        assertThat(with("mamba2", Map.of("time_step_limit", plain)))
                .isEqualTo(with("mamba2", Map.of("time_step_limit", wrapped)));
    }

    private interface Reading {
        ModelConfig read();
    }

    /** True for a plan, false for the documented error; anything else is thrown. */
    private static boolean planOrError(Reading reading) {
        List<StateSpec> groups = new ArrayList<>();
        try {
            groups.addAll(new LayerPlan(reading.read()).groups());
        } catch (ModelFormatException expected) {
            assertThat(expected).hasMessageContaining(":");
            return false;
        }
        return !groups.isEmpty();
    }
}
