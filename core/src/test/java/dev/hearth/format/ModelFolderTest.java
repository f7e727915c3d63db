package dev.hearth.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.model.Architectures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFolderTest {
    @TempDir
    Path path;

    @Test
    void wholeFolder_isRead() throws IOException {
        write("config.json", "{\"model_type\":\"llama\",\"hidden_size\":64}");
        write("generation_config.json", "{\"eos_token_id\":[1,2]}");
        write("tokenizer.json", "{}");
        write("tokenizer_config.json", "{\"bos_token\":\"<s>\"}");
        Files.write(
                path.resolve("model.safetensors"),
                new SafetensorsWriter().tensor("a", "F32", new byte[4], 1).toBytes());
        ModelFolder folder = ModelFolder.open(path);
        assertThat(folder.config().requiredInteger("hidden_size")).isEqualTo(64);
        assertThat(folder.generationConfig().orElseThrow().integers("eos_token_id"))
                .containsExactly(1, 2);
        assertThat(folder.tokenizer()).hasValue(path.resolve("tokenizer.json"));
        assertThat(folder.tokenizerConfig().orElseThrow().string("bos_token")).hasValue("<s>");
        assertThat(folder.chatTemplate()).isEmpty();
        try (SafetensorsFolder weights = folder.weights(Loading.IN_MEMORY)) {
            assertThat(weights.tensor("a").data().byteSize()).isEqualTo(4);
        }
    }

    @Test
    void referenceFolders_areRead() {
        if (!ReferenceFiles.areComplete()) {
            assertThat(ModelFolder.open(ReferenceFiles.copy("oracles/mixtral"))
                            .config()
                            .string("model_type"))
                    .hasValue("mixtral");
            return;
        }
        for (String name : List.of(
                "llama",
                "llama_linear",
                "mistral",
                "qwen2",
                "qwen3",
                "qwen3_moe",
                "gemma2",
                "gemma3",
                "gemma3_text",
                "phi3",
                "smollm3")) {
            ModelFolder folder = ModelFolder.open(ReferenceFiles.path("oracles/" + name));
            String modelType = folder.config().string("model_type").orElseThrow();
            Fields text = folder.config().fields("text_config").orElse(folder.config());
            int hidden = text.requiredInteger("hidden_size");
            int layers = text.requiredInteger("num_hidden_layers");
            try (SafetensorsFolder weights = folder.weights(Loading.MAPPED)) {
                SafetensorsNames names = SafetensorsNames.with(Architectures.ofModelType("config.json", modelType)
                        .architecture()
                        .tensorNames());
                TensorCatalog tensors = names.rename(weights);
                assertThat(tensors.tensor("token_embd.weight").shape().sizes())
                        .containsExactly(text.requiredInteger("vocab_size"), hidden);
                assertThat(tensors.tensor("output_norm.weight").shape().sizes()).containsExactly(hidden);
                for (int layer = 0; layer < layers; layer++) {
                    assertThat(tensors.tensor("blk." + layer + ".attn_norm.weight")
                                    .shape()
                                    .sizes())
                            .containsExactly(hidden);
                    assertThat(tensors.tensor("blk." + layer + ".attn_output.weight")
                                    .shape()
                                    .size(0))
                            .isEqualTo(hidden);
                }
                assertThat(tensors.entry("blk." + layers + ".attn_norm.weight")).isEmpty();
                assertThat(names.untranslated(weights).stream()
                                .filter(n -> !n.startsWith("vision_tower.") && !n.startsWith("multi_modal_projector.")))
                        .isEmpty();
            }
        }
    }

    @Test
    void modelInACache_isOpenedByItsFolder() throws IOException {
        Path model = path.resolve("models--org--name");
        Files.createDirectories(model.resolve("snapshots/abc"));
        Files.createDirectories(model.resolve("refs"));
        Files.writeString(model.resolve("refs/main"), "abc");
        assertThat(ModelFolder.open(model).path()).isEqualTo(model.resolve("snapshots/abc"));
    }

    @Test
    void noFolder_isRefused() throws IOException {
        write("file", "");
        assertThatThrownBy(() -> ModelFolder.open(path.resolve("none")))
                .isInstanceOf(ModelFormatException.class)
                .hasMessage("none: expected a folder at " + path.resolve("none") + ", found nothing");
        assertThatThrownBy(() -> ModelFolder.open(path.resolve("file")))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageEndingWith("found a file");
    }

    @Test
    void noConfig_isRefusedWithWhatIsThere() throws IOException {
        configRefused().hasMessage(path.getFileName() + ": expected config.json, found an empty folder");
        for (int i = 10; i < 30; i++) {
            write("file" + i, "");
        }
        configRefused()
                .hasMessageContaining("expected config.json, found file10, file11, ")
                .hasMessageEndingWith(" and 8 more");
    }

    @ParameterizedTest
    @CsvSource({
        "pytorch_model.bin, pickled weights are not loaded; convert them to safetensors",
        "consolidated.00.pth, pickled weights are not loaded; convert them to safetensors",
        "qwen3.gguf, a GGUF file is a model by itself; open it instead of the folder",
        "adapter_model.safetensors, an adapter is not a model; open the model that it was made for",
        "model-00002-of-00003.safetensors, a shard cannot be used without its index; download the rest",
    })
    void noWeights_areRefusedWithWhatIsThere(String file, String hint) throws IOException {
        write("config.json", "{}");
        write(file, "");
        weightsRefused()
                .hasMessage(path.getFileName() + ": expected model.safetensors or model.safetensors.index.json, found "
                        + file + ": " + hint);
    }

    @Test
    void noWeightsNorAnythingLikeThem_areRefused() throws IOException {
        write("config.json", "{}");
        weightsRefused().hasMessageEndingWith("found config.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{", "nul", "{}{}", "\"config\""})
    void brokenConfig_isRefused(String json) throws IOException {
        write("config.json", json);
        configRefused().hasMessageStartingWith("config.json");
    }

    @Test
    void oversizedConfig_isRefused() throws IOException {
        write("config.json", " ".repeat((16 << 20) + 1));
        configRefused().hasMessage("config.json: expected at most 16777216 bytes, found more");
    }

    @Test
    void chatTemplate_isTakenFromTheFirstFileThatHasOne() throws IOException {
        write("tokenizer_config.json", "{\"chat_template\":\"third\"}");
        assertThat(ModelFolder.open(path).chatTemplate()).hasValue("third");
        write("chat_template.json", "{\"chat_template\":\"second\"}");
        assertThat(ModelFolder.open(path).chatTemplate()).hasValue("second");
        write("chat_template.jinja", "first {{ ümlaut }}\n");
        assertThat(ModelFolder.open(path).chatTemplate()).hasValue("first {{ ümlaut }}\n");
    }

    @Test
    void namedChatTemplates_areKept() throws IOException {
        write(
                "tokenizer_config.json",
                "{\"chat_template\":[{\"name\":\"default\",\"template\":\"a\"},{\"name\":\"tool_use\",\"template\":\"b\"}]}");
        assertThat(ModelFolder.open(path).chatTemplates()).hasSize(2).containsEntry("tool_use", "b");
        assertThat(ModelFolder.open(path).chatTemplate()).hasValue("a");
        write("tokenizer_config.json", "{\"chat_template\":[{\"name\":\"rag\",\"template\":\"a\"}]}");
        assertThat(ModelFolder.open(path).chatTemplate()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{\"chat_template\":7}; tokenizer_config.json: chat_template: expected a string or an array of named templates",
                "{\"chat_template\":[7]}; tokenizer_config.json: chat_template: expected an object, found 7",
                "{\"chat_template\":[{\"name\":\"x\"}]}; template: expected a string, found nothing",
            })
    void brokenChatTemplate_isRefused(String json, String expected) throws IOException {
        write("tokenizer_config.json", json);
        assertThatThrownBy(() -> ModelFolder.open(path).chatTemplate())
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining(expected);
    }

    @Test
    void chatTemplateThatIsNotUtf8_isRefused() throws IOException {
        Files.write(path.resolve("chat_template.jinja"), new byte[] {'a', (byte) 0xc3});
        assertThatThrownBy(() -> ModelFolder.open(path).chatTemplate())
                .isInstanceOf(ModelFormatException.class)
                .hasMessage("chat_template.jinja: expected UTF-8, found something else");
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(path.resolve(file), text);
    }

    private AbstractThrowableAssert<?, ?> configRefused() {
        return assertThatThrownBy(() -> ModelFolder.open(path).config()).isInstanceOf(ModelFormatException.class);
    }

    private AbstractThrowableAssert<?, ?> weightsRefused() {
        return assertThatThrownBy(() -> ModelFolder.open(path).weights(Loading.MAPPED))
                .isInstanceOf(ModelFormatException.class);
    }
}
