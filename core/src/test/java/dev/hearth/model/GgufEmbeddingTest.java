package dev.hearth.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.embedding.EmbeddingConfig;
import dev.hearth.embedding.EmbeddingConfig.Scaling;
import dev.hearth.embedding.Pooling;
import dev.hearth.format.Gguf;
import dev.hearth.format.GgufFileWriter;
import dev.hearth.format.GgufValues;
import dev.hearth.format.ModelFormatException;
import dev.hearth.quantize.BlockType;
import dev.hearth.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a GGUF file says of embeddings. */
class GgufEmbeddingTest {
    private static EmbeddingConfig read(int pooling, Shape dense) {
        GgufValues values = new GgufValues()
                .string("general.architecture", "gemma-embedding")
                .uint32("gemma-embedding.pooling_type", pooling);
        var tensor = new GgufFileWriter.Tensor("dense_2.weight", BlockType.F32.id(), dense);
        byte[] bytes =
                GgufFileWriter.inMemory(values, List.of(tensor), List.of(new byte[(int) (4 * dense.elements())]));
        try (Gguf file = Gguf.read("m.gguf", MemorySegment.ofArray(bytes))) {
            return GgufEmbedding.read(file).orElse(EmbeddingConfig.UNKNOWN);
        }
    }

    @Test
    void pooling_isUnitAndFollowedByProducts() {
        EmbeddingConfig config = read(1, Shape.of(5, 3));
        assertThat(config.poolings()).containsExactly(Pooling.MEAN);
        assertThat(config.scaling()).isEqualTo(Scaling.UNIT);
        assertThat(config.denses()).singleElement().satisfies(dense -> {
            assertThat(dense.inputs()).isEqualTo(3);
            assertThat(dense.outputs()).isEqualTo(5);
        });
        assertThat(read(0, Shape.of(5, 3))).isEqualTo(EmbeddingConfig.UNKNOWN);
    }

    @ParameterizedTest
    @CsvSource({"8589934592, 0", "0, 8589934592", "0, 0", "5, 0", "0, 5", "1048577, 1"})
    void products_ofImpossibleSizesAreRefused(long rows, long columns) {
        assertThatThrownBy(() -> read(1, Shape.of(rows, columns)))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("dense_2");
    }
}
