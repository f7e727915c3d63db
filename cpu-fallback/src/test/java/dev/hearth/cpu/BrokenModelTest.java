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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
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

    /** True for a model that can be used, false for one that is refused; anything else is thrown. */
    private static boolean isBuilt(Path file) {
        try (ModelSource source = ModelSource.open(file, Loading.MAPPED);
                HostDevice device = new HostDevice("host", ScalarKernels.ops());
                Weights weights = new Weights(source.catalog(), source.config(), device, part -> {})) {
            ModelConfig config = source.config();
            Architectures.named(config.architecture()).build(config, weights);
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
