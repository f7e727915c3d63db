package dev.hearth.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.Engine;
import dev.hearth.quantize.FileType;
import dev.hearth.tinymodel.TinyModel;
import dev.hearth.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files of random weights load, compute finite numbers and are the same every time. */
class RandomModelTest {
    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @CsvSource({"toy,BF16", "toy,Q4_K_M", "toy,Q4_0", "toy-moe,Q8_0", "toy-moe,F16"})
    void model_loadsAndScores(String shape, String type) {
        Path file = folder.resolve("model.gguf");
        RandomModel.write(ModelShape.titled(shape), 3, FileType.named(type), file);
        try (Engine engine = Engine.load(file)) {
            assertThat(engine.config().layerCount()).isEqualTo(3);
            assertThat(engine.tokenizer().decode(engine.tokenizer().encode("the plum")))
                    .isEqualTo("the plum");
            assertThat(engine.score("The plums are ripe.", 1))
                    .hasSize(19)
                    .allSatisfy(score -> score.logprob()
                            .ifPresent(logprob -> assertThat(logprob).isFinite().isNegative()));
        }
    }

    @Test
    void model_dependsOnArgumentsAlone() throws IOException {
        Path one = folder.resolve("one.gguf");
        Path other = folder.resolve("other.gguf");
        RandomModel.main(new String[] {"toy", "Q8_0", one.toString(), "1"});
        RandomModel.main(new String[] {"toy", "Q8_0", other.toString(), "1"});
        assertThat(Files.mismatch(one, other)).isEqualTo(-1);
    }

    @Test
    void model_hasTheVocabularyOfAFile() {
        Path file = folder.resolve("model.gguf");
        Path vocabulary = TinyModel.folder().resolve("tokenizer.json");
        RandomModel.main(new String[] {"toy", "Q8_0", file.toString(), "1", vocabulary.toString()});
        try (Engine engine = Engine.load(file)) {
            String text = "Once upon a time there was a little plum.";
            assertThat(engine.tokenizer().encode(text))
                    .isEqualTo(Tokenizer.load(vocabulary).encode(text))
                    .hasSizeLessThan(text.length() / 2);
        }
    }

    @Test
    void folder_loadsAndScores() throws IOException {
        ModelShape llama = new ModelShape(
                "toy-llama",
                "llama",
                512,
                2,
                96,
                new ModelShape.Heads(3, 1, 32),
                160,
                ModelShape.Experts.NONE,
                new ModelShape.Rotation(1024, 1e4f),
                1e-5f);
        RandomFolder.write(llama, 3, folder);
        try (Engine engine = Engine.load(folder)) {
            assertThat(engine.config().layerCount()).isEqualTo(3);
            assertThat(engine.config().vocabSize()).isEqualTo(512);
            assertThat(engine.score("theplumsareripe", 1))
                    .hasSize(15)
                    .allSatisfy(score -> score.logprob()
                            .ifPresent(logprob -> assertThat(logprob).isFinite().isNegative()));
        }
    }

    @Test
    void folderOfAnotherFamily_isRefused() {
        assertThatThrownBy(() -> RandomFolder.main(new String[] {"qwen3-0.6b", folder.toString()}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("qwen3-0.6b: expected a shape of llama, found qwen3");
    }

    @Test
    void unknownShape_isRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> RandomModel.main(new String[] {"qwen9", "Q8_0", "x.gguf"}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("qwen3-0.6b");
    }
}
