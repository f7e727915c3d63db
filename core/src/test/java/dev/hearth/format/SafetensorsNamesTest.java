package dev.hearth.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.model.Architectures;
import dev.hearth.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsNamesTest {
    private static SafetensorsNames names(String modelType) {
        return SafetensorsNames.with(Architectures.ofModelType("config.json", modelType)
                .architecture()
                .tensorNames());
    }

    private static boolean known(String modelType) {
        return Architectures.all().stream().anyMatch(f -> f.modelTypes().contains(modelType));
    }

    /** The names of every reference model, whether or not its file is there, as gguf-py translates them. */
    private static Stream<String[]> expected() throws Exception {
        Path table = Path.of(Objects.requireNonNull(SafetensorsNamesTest.class.getResource("safetensors-tensors.tsv"))
                .toURI());
        return Files.readAllLines(table).stream()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("\t"))
                .filter(row -> known(row[6]));
    }

    @Test
    void names_areThoseOfTheReference() throws Exception {
        int[] checked = {0};
        expected().forEach(row -> {
            String found = names(row[6]).translate(row[1]).orElse("-");
            assertThat(found).as("%s %s", row[6], row[1]).isEqualTo(row[7]);
            checked[0]++;
        });
        assertThat(checked[0]).isGreaterThanOrEqualTo(300);
    }

    @ParameterizedTest
    @CsvSource({
        "gemma3, model.language_model.layers.11.self_attn.q_norm.weight, blk.11.attn_q_norm.weight",
        "gemma3, language_model.lm_head.weight, output.weight",
        "gemma3_text, layers.3.post_feedforward_layernorm.weight, blk.3.post_ffw_norm.weight",
        "llama, model.text_model.norm.weight, output_norm.weight",
        "qwen2, model.layers.23.self_attn.q_proj.bias, blk.23.attn_q.bias",
        "qwen3_moe, model.layers.47.mlp.experts.127.up_proj.weight, blk.47.ffn_up_exps.weight",
    })
    void publishedSpellings_areTranslated(String modelType, String name, String expected) {
        assertThat(names(modelType).translate(name)).hasValue(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".weight",
                "model.",
                "model.layers.0.self_attn.rotary_emb.inv_freq",
                "model.layers.01.input_layernorm.weight",
                "model.layers.-1.input_layernorm.weight",
                "model.layers.{n}.input_layernorm.weight",
                "model.layers.12345678901.input_layernorm.weight",
                "model.layers.0.0.input_layernorm.weight",
                "model.layers.0.input_layernorm",
                "model.model.layers.0.input_layernorm.weight",
                "vision_tower.encoder.layers.0.self_attn.q_proj.weight",
                "model.layers.0.mlp.experts.0.gate_proj.weight", // not in a dense family
            })
    void otherNames_haveNone(String name) {
        assertThat(names("llama").translate(name)).isEmpty();
    }

    @Test
    void tensorsWithoutTheUsualEndings_haveRowsOfTheirOwn() {
        SafetensorsNames names = SafetensorsNames.with("=layers.{n}.mixer.A_log blk.{n}.ssm_a");
        assertThat(names.translate("model.layers.3.mixer.A_log")).hasValue("blk.3.ssm_a");
        assertThat(names.translate("model.layers.3.mixer.A_log.weight")).isEmpty();
        assertThat(names.translate("=model.layers.3.mixer.A_log")).isEmpty();
    }

    @Test
    void experts_areThePartsOfOneTensor() {
        SafetensorsWriter file = new SafetensorsWriter();
        for (int e : new int[] {10, 0, 2, 1, 3, 4, 5, 6, 7, 8, 9}) { // in any order, and 10 behind 9
            file.tensor("model.layers.4.mlp.experts." + e + ".gate_proj.weight", "F32", filled(24, e), 2, 3);
        }
        file.tensor("model.norm.weight", "F32", filled(12, 99), 3);
        TensorCatalog tensors = renamed(file);
        assertThat(tensors.entry("blk.4.ffn_gate_exps.weight").orElseThrow().shape())
                .isEqualTo(Shape.of(11, 2, 3));
        assertThat(tensors.entry("blk.4.ffn_gate_exps.weight").orElseThrow().bytes())
                .isEqualTo(11 * 24);
        List<TensorInfo> parts = tensors.parts("blk.4.ffn_gate_exps.weight", Arena.ofAuto());
        assertThat(parts).hasSize(11);
        for (int e = 0; e < parts.size(); e++) {
            assertThat(parts.get(e).data().mismatch(MemorySegment.ofArray(filled(24, e))))
                    .isEqualTo(-1);
            assertThat(parts.get(e).shape()).isEqualTo(Shape.of(2, 3));
        }
        assertThat(tensors.parts("output_norm.weight", Arena.ofAuto()))
                .containsExactly(tensors.tensor("output_norm.weight"));
        assertThat(tensors.tensor("output_norm.weight").name()).isEqualTo("model.norm.weight");
        assertThatThrownBy(() -> tensors.tensor("blk.4.ffn_gate_exps.weight"))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("found 11 parts from model.layers.4.mlp.experts.0.gate_proj.weight on");
        assertThatThrownBy(() -> tensors.parts("blk.5.ffn_gate_exps.weight", Arena.ofAuto()))
                .isInstanceOf(ModelFormatException.class)
                .hasMessage(
                        "x.safetensors: blk.5.ffn_gate_exps.weight: expected a tensor of this name, found none among 2");
    }

    @Test
    void missingExpert_isRefused() {
        SafetensorsWriter file = new SafetensorsWriter();
        file.tensor("model.layers.0.mlp.experts.0.up_proj.weight", "F32", filled(4, 1), 1, 1);
        file.tensor("model.layers.0.mlp.experts.2.up_proj.weight", "F32", filled(4, 1), 1, 1);
        assertThatThrownBy(() -> renamed(file))
                .isInstanceOf(ModelFormatException.class)
                .hasMessage("x.safetensors: blk.0.ffn_up_exps.weight: expected experts 0 to 2, found no expert 1");
    }

    @Test
    void differingExpert_isRefused() {
        SafetensorsWriter file = new SafetensorsWriter();
        file.tensor("model.layers.0.mlp.experts.0.up_proj.weight", "F32", filled(4, 1), 1, 1);
        file.tensor("model.layers.0.mlp.experts.1.up_proj.weight", "BF16", filled(4, 1), 1, 2);
        assertThatThrownBy(() -> renamed(file))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("expected F32 [1, 1] as the first expert, found BF16 [1, 2] as expert 1");
    }

    @Test
    void expertsOfImpossibleSize_areRefused() {
        SafetensorsWriter file = new SafetensorsWriter();
        for (int e = 0; e < 4; e++) {
            file.tensor("model.layers.0.mlp.experts." + e + ".up_proj.weight", "F32", new byte[0], 1L << 56, 0);
        }
        assertThatThrownBy(() -> renamed(file))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("product is at most");
    }

    @Test
    void twoNamesForOneTensor_areRefused() {
        SafetensorsWriter file = new SafetensorsWriter();
        file.tensor("model.norm.weight", "F32", filled(4, 1), 1);
        file.tensor("norm.weight", "F32", filled(4, 1), 1);
        assertThatThrownBy(() -> renamed(file))
                .isInstanceOf(ModelFormatException.class)
                .hasMessage("x.safetensors: norm.weight: expected one tensor for output_norm.weight, found"
                        + " model.norm.weight too");
    }

    @Test
    void whatHasNoName_isListed() throws IOException {
        SafetensorsWriter file = new SafetensorsWriter();
        file.tensor("model.norm.weight", "F32", filled(4, 1), 1);
        file.tensor("vision_tower.patch.weight", "F32", filled(4, 1), 1);
        Safetensors tensors = Safetensors.read("x.safetensors", MemorySegment.ofArray(file.toBytes()));
        assertThat(names("gemma3").untranslated(tensors)).containsExactly("vision_tower.patch.weight");
    }

    private static TensorCatalog renamed(SafetensorsWriter file) {
        Safetensors tensors = Safetensors.read("x.safetensors", MemorySegment.ofArray(file.toBytes()));
        return names("qwen3_moe").rename(tensors);
    }

    private static byte[] filled(int size, int value) {
        byte[] bytes = new byte[size];
        java.util.Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
