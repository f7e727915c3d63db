package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.format.Loading;
import dev.hearth.format.ModelFormatException;
import dev.hearth.model.Architectures;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelSource;
import dev.hearth.model.Weights;
import dev.hearth.spi.host.HostDevice;
import dev.hearth.spi.reference.ScalarKernels;
import dev.hearth.tinymodel.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole models with flipped bytes where the metadata stands: each is refused with the documented error or can be built. */
final class BrokenModelTest {
    private static final long SEED = 20261122;
    private static final int FILES = 600;

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @CsvSource({"stories260K/stories260K-Q8_0.gguf, 12000", "gguf/llama-Q4_0/tiny-llama-Q4_0.gguf, 14000"})
    void gguf_withFlippedBytesIsRefusedOrBuilt(String name, int header) throws IOException {
        byte[] whole = Files.readAllBytes(Reference.resource(name));
        Random random = new Random(SEED);
        int built = 0;
        for (int i = 0; i < FILES; i++) {
            byte[] broken = whole.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                broken[random.nextInt(header)] = (byte) (random.nextInt(4) == 0 ? 255 : random.nextInt(256));
            }
            built += isBuilt(Files.write(folder.resolve(i + ".gguf"), broken)) ? 1 : 0;
        }
        assertThat(built).isBetween(1, FILES - 1);
    }

    /** One file of a Hugging Face folder is cut short or has bytes flipped, the others are whole. */
    @ParameterizedTest
    @CsvSource({
        "config.json, 884",
        "generation_config.json, 216",
        "model.safetensors, 3000",
        "tokenizer.json, 80000",
        "tokenizer_config.json, 5000",
        "chat_template.jinja, 2800"
    })
    void folder_withOneBrokenFileIsRefusedOrBuilt(String name, int header) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        for (String file : List.of("config.json", "generation_config.json", "model.safetensors")) {
            files.put(file, Files.readAllBytes(Reference.resource("oracles/qwen3/" + file)));
        }
        for (String file : List.of("tokenizer.json", "tokenizer_config.json", "chat_template.jinja")) {
            files.put(file, Files.readAllBytes(TinyModel.folder().resolve(file)));
        }
        for (var file : files.entrySet()) {
            Files.write(folder.resolve(file.getKey()), file.getValue());
        }
        assertThat(isBuilt(folder)).isTrue();
        byte[] whole = Objects.requireNonNull(files.get(name));
        Random random = new Random(SEED + header);
        int refused = 0;
        for (int i = 0; i < FILES / 4; i++) {
            byte[] broken = random.nextInt(4) == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0 && broken.length > 0; flips--) {
                broken[random.nextInt(Math.min(header, broken.length))] = (byte) random.nextInt(256);
            }
            Files.write(folder.resolve(name), broken);
            refused += isBuilt(folder) ? 0 : 1;
        }
        assertThat(refused).isBetween(1, FILES / 4);
    }

    /** True for a model that can be used, false for one that is refused; anything else is thrown. */
    private static boolean isBuilt(Path file) {
        try (ModelSource source = ModelSource.open(file, Loading.MAPPED);
                HostDevice device = new HostDevice("host", ScalarKernels.ops());
                Weights weights = new Weights(source.catalog(), source.config(), device, part -> {})) {
            ModelConfig config = source.config();
            Architectures.build(config, weights);
            source.endTokens();
            source.chatTemplate();
            source.tokenizer().encode("Hello world <|im_end|>");
            return true;
        } catch (ModelFormatException expected) {
            assertThat(expected).hasMessageContaining(":");
            return false;
        }
    }
}
