package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.Engine;
import dev.hearth.TokenScore;
import dev.hearth.convert.HuggingFaceModel;
import dev.hearth.quantize.BlockType;
import dev.hearth.quantize.FileType;
import dev.hearth.quantize.ModelDraft;
import dev.hearth.quantize.ModelWriter;
import dev.hearth.spi.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Weights that are encoded in types of blocks as they load. */
class EncodedWeightsTest {
    private static final int[] TOKENS = {1, 5, 9, 13, 2, 30, 7};

    @BeforeAll
    static void findLibrary() {
        TestLibrary.cpu();
    }

    static List<Path> folders() {
        return Reference.folders().stream()
                .filter(folder -> Files.exists(folder.resolve("config.json")))
                .toList();
    }

    private static List<TokenScore> score(Path model, Optional<BlockType> type, Precision precision) {
        var builder = Engine.builder(model).precision(precision).threads(1).contextLength(64);
        type.ifPresent(builder::weights);
        try (Engine engine = builder.load()) {
            return engine.score(TOKENS, 3);
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void encoded_asInAFileOfThatType(Precision precision, @TempDir Path folder) throws IOException {
        Path model = Reference.resource("oracles/qwen3");
        Path file = folder.resolve("q8_0.gguf");
        try (ModelDraft draft = HuggingFaceModel.draft(model)) {
            ModelWriter.to(file, FileType.Q8_0).threads(1).write(draft);
        }
        List<TokenScore> encoded = score(model, Optional.of(BlockType.Q8_0), precision);
        assertThat(encoded).isEqualTo(score(file, Optional.empty(), precision));
        assertThat(encoded).isNotEqualTo(score(model, Optional.empty(), precision));
    }

    @ParameterizedTest
    @MethodSource("folders")
    void everyFamily_loads(Path model) {
        assertThat(score(model, Optional.of(BlockType.Q8_0), Precision.FAST))
                .hasSize(TOKENS.length)
                .allSatisfy(s -> assertThat(s.top())
                        .allSatisfy(t -> assertThat(t.logprob()).isFinite()));
    }

    @Test
    void plainType_isRefused() {
        assertThatThrownBy(() -> Engine.builder(Path.of("model")).weights(BlockType.BF16))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a type of blocks")
                .hasMessageContaining("BF16");
    }
}
