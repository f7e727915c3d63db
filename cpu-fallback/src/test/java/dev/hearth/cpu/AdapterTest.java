package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.Engine;
import dev.hearth.Request;
import dev.hearth.adapter.AdapterFolder;
import dev.hearth.format.Loading;
import dev.hearth.format.ModelFormatException;
import dev.hearth.format.TensorCatalog;
import dev.hearth.model.ModelSource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters that don't fit, are broken or cannot be merged; and what of a model they touch. */
final class AdapterTest {
    private static final long SEED = 20261130;
    private static final Path BASE = Reference.resource("lora/bases/qwen2");
    private static final Path ADAPTER = Reference.resource("lora/lora_bias");

    @TempDir
    private Path folder = Path.of("");

    private static TensorCatalog merged(Path base, Path adapter, double scale) {
        return ModelSource.open(base, Loading.IN_MEMORY, List.of(new AdapterFolder(adapter, scale)))
                .catalog();
    }

    private void copy(Path adapter) throws IOException {
        for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
            Files.write(folder.resolve(file), Files.readAllBytes(adapter.resolve(file)));
        }
    }

    private void config(String from, String to) throws IOException {
        Path file = folder.resolve("adapter_config.json");
        String text = Files.readString(file);
        assertThat(text).contains(from);
        Files.writeString(file, text.replace(from, to));
    }

    @Test
    void tensors_thatNoAdapterChangesStayInTheFile() {
        try (TensorCatalog plain = ModelSource.open(BASE, Loading.IN_MEMORY).catalog();
                TensorCatalog merged = merged(BASE, ADAPTER, 1);
                Arena memory = Arena.ofShared()) {
            assertThat(merged.entries()).hasSameSizeAs(plain.entries());
            assertThat(merged.tensor("blk.0.attn_k.weight")
                            .data()
                            .mismatch(plain.tensor("blk.0.attn_k.weight").data()))
                    .isEqualTo(-1);
            assertThatThrownBy(() -> merged.tensor("blk.0.attn_q.weight"))
                    .isInstanceOf(ModelFormatException.class)
                    .hasMessageContaining("read it into memory");
            assertThat(merged.tensor("blk.0.attn_q.weight", memory).shape())
                    .isEqualTo(plain.tensor("blk.0.attn_q.weight").shape());
            assertThat(merged.madeBytes()).isEqualTo(4L * 2 * (24 * 24 + 24 + 12 * 24 + 12));
        }
    }

    @Test
    void ternaryWeights_takeNoAdapter() {
        assertThatThrownBy(() -> merged(Reference.resource("oracles/bitnet"), Reference.resource("lora/plain"), 1))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("adapters of ternary weights cannot be merged into them");
    }

    @Test
    void engine_mergesWhatItsBuilderIsTold() {
        Request request =
                Request.tokens(5, 9, 21).temperature(0).ignoreEos().maxTokens(8).build();
        try (Engine plain = Engine.load(BASE);
                Engine none = Engine.builder(BASE).adapter(ADAPTER, 0).load();
                Engine merged = Engine.builder(BASE).adapter(ADAPTER).load()) {
            List<Integer> ids = plain.complete(request).ids();
            assertThat(none.complete(request).ids()).isEqualTo(ids);
            assertThat(merged.complete(request).ids()).isNotEqualTo(ids);
        }
    }

    @Test
    void otherBase_isRefused() {
        assertThatThrownBy(() -> merged(Reference.resource("oracles/qwen3"), ADAPTER, 1))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageStartingWith("adapter_model.safetensors: ")
                .hasMessageEndingWith("use the model that the adapter was made for");
        assertThatThrownBy(() -> merged(Reference.resource("lora/bases/gpt2"), ADAPTER, 1))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("expected a tensor of gpt2, found none of this name");
        assertThatThrownBy(() -> merged(Reference.resource("gguf/llama-Q4_0/tiny-llama-Q4_0.gguf"), ADAPTER, 1))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("expected a folder of safetensors to merge adapters into");
    }

    @ParameterizedTest
    @CsvSource({
        "LORA, IA3, 'peft_type: expected LORA, found IA3'",
        "'\"r\": 4', '\"r\": 5', 'expected a rank of 5, found [4, 24] and [24, 4]'",
        "'\"r\": 4', '\"r\": 0', 'expected a whole number of at least 1'",
        "'\"init_lora_weights\": true', '\"init_lora_weights\": \"pissa\"', 'changed the base model too'",
        "'\"layer_replication\": null', '\"layer_replication\": [[0, 2]]', 'layers cannot be repeated'",
        "'\"rank_pattern\": {}', '\"rank_pattern\": {\"(\": 3}', 'expected a regular expression'",
        "'\"rank_pattern\": {}', '\"rank_pattern\": {\"(([a-z_.0-9]+)*)*X\": 3}', 'found one that'"
    })
    void config_thatCannotBeFollowedIsRefused(String from, String to, String message) throws IOException {
        copy(ADAPTER);
        config(from, to);
        assertThatThrownBy(() -> merged(BASE, folder, 1))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining(message);
    }

    @Test
    void wholeModule_isNotScaled() {
        assertThatThrownBy(() -> merged(BASE, Reference.resource("lora/saved_embedding"), 0.5))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("embed_tokens.weight: a tensor that takes the place of another cannot be scaled");
        assertThatThrownBy(() -> new AdapterFolder(ADAPTER, Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void folder_withoutAnAdapterIsRefused() {
        assertThatThrownBy(() -> merged(BASE, BASE, 1))
                .isInstanceOf(ModelFormatException.class)
                .hasMessage("qwen2: expected adapter_config.json of an adapter, found none");
    }

    @ParameterizedTest
    @CsvSource({
        "adapter_config.json, lora_bias",
        "adapter_model.safetensors, lora_bias",
        "adapter_model.safetensors, bias_all"
    })
    void flippedBytes_areRefusedOrMerged(String name, String adapter) throws IOException {
        copy(Reference.resource("lora/" + adapter));
        byte[] whole = Files.readAllBytes(folder.resolve(name));
        Random random = new Random(SEED);
        int merged = 0;
        int files = 150;
        for (int i = 0; i < files; i++) {
            byte[] broken = whole.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                broken[random.nextInt(Math.min(broken.length, 2500))] = (byte) random.nextInt(256);
            }
            Files.write(folder.resolve(name), broken);
            merged += isMerged() ? 1 : 0;
        }
        assertThat(merged).isBetween(0, files - 1);
    }

    private boolean isMerged() {
        try (TensorCatalog catalog = merged(BASE, folder, 1);
                Arena memory = Arena.ofShared()) {
            catalog.entries().forEach(entry -> catalog.tensor(entry.name(), memory));
            return true;
        } catch (ModelFormatException expected) {
            assertThat(expected).hasMessageContaining(": ");
            return false;
        }
    }
}
