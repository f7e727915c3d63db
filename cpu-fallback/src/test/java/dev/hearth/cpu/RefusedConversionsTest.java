package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.convert.HuggingFaceModel;
import dev.hearth.format.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What no GGUF file can say is refused before anything is written, with what it is. */
class RefusedConversionsTest {
    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "llama4_text_odd | layer 1: window: expected something that a GGUF file of llama4 can say",
                "deepseek_v2_odd | attention factor of the rotation",
                "deepseek_v3_odd | pairs that rotate: expected something that a GGUF file of deepseek2 can say, found HALVES",
                "olmoe | experts: expected something that a GGUF file of olmoe can say",
                "gemma4_odd | models of the family gemma4 cannot be converted to GGUF yet"
            })
    void draft_refusesWhatTheFamilysFilesDoNotSay(String model, String message) {
        assertThatThrownBy(() -> HuggingFaceModel.draft(Reference.resource("oracles/" + model)))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining(message);
    }

    @Test
    void draft_refusesARotationThatGgufHasNoNameFor() throws IOException {
        Path model = Reference.resource("oracles/qwen3");
        Files.copy(model.resolve("model.safetensors"), folder.resolve("model.safetensors"));
        String config = Files.readString(model.resolve("config.json"));
        String changed = config.replaceFirst(
                "\"rope_(parameters|scaling)\": (null|\\{[^}]*})",
                "\"rope_scaling\": {\"rope_type\": \"dynamic\", \"factor\": 2.0, \"original_max_position_embeddings\": 16}");
        Files.writeString(folder.resolve("config.json"), changed);
        assertThatThrownBy(() -> HuggingFaceModel.draft(folder)).hasMessageContaining("layer 0: frequency of pair");
    }

    @Test
    void draft_refusesAFileThatIsGgufAlready() {
        Path file = Reference.gguf(Reference.resource("gguf/llama-Q4_0"));
        assertThatThrownBy(() -> HuggingFaceModel.draft(file)).hasMessageContaining("needs no conversion");
    }
}
