package dev.hearth.format.packed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.format.Loading;
import dev.hearth.format.ModelFolder;
import dev.hearth.format.ModelFormatException;
import dev.hearth.format.SafetensorsWriter;
import dev.hearth.format.TensorCatalog;
import dev.hearth.format.TensorInfo;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.reference.RowValues;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** BitNet's weights, packed by its formulas; and what is refused. */
final class TernaryLayoutTest {
    private static final long SEED = 20261201;
    private static final String MODULE = "model.layers.0.mlp.down_proj";

    @TempDir
    private Path folder = Path.of("");

    private void write(String packing, SafetensorsWriter tensors) throws IOException {
        Files.writeString(
                folder.resolve("config.json"),
                "{\"quantization_config\":{\"quant_method\":\"bitnet\"%s}}".formatted(packing));
        Files.write(folder.resolve("model.safetensors"), tensors.toBytes());
    }

    private TensorCatalog open() {
        return PackedFolder.open(ModelFolder.open(folder), Loading.IN_MEMORY);
    }

    private static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }

    /** Of the matrix [4 n, columns] the first n rows in the low bits, 0 for -1. */
    private static byte[] packed(int[][] rows) {
        int n = rows.length / 4;
        byte[] bytes = new byte[n * rows[0].length];
        for (int r = 0; r < rows.length; r++) {
            for (int i = 0; i < rows[0].length; i++) {
                bytes[r % n * rows[0].length + i] |= (byte) (rows[r][i] + 1 << 2 * (r / n));
            }
        }
        return bytes;
    }

    private static void assertRows(TensorInfo found, int[][] expected) {
        var rows = new RowValues(new HostWeight("found", found.type(), found.shape(), found.data()));
        float[] row = new float[expected[0].length];
        assertThat(found.shape().sizes()).containsExactly(expected.length, row.length);
        for (int r = 0; r < expected.length; r++) {
            rows.read(r, row);
            for (int i = 0; i < row.length; i++) {
                assertThat(row[i]).as("row %d, column %d", r, i).isEqualTo(expected[r][i]);
            }
        }
    }

    private static float scale(TensorCatalog catalog, Arena memory) {
        return catalog.tensor(MODULE + ".ternary_scale", memory).data().get(Tensor.FLOAT, 0);
    }

    @ParameterizedTest
    @CsvSource({"512, TQ2_0", "96, Q4_0", "5, BF16"})
    void packedRows_areWhatTheyStandFor(int columns, DType type) throws IOException {
        Random random = new Random(SEED);
        int[][] rows = new int[12][columns];
        for (int[] row : rows) {
            java.util.Arrays.setAll(row, i -> random.nextInt(3) - 1);
        }
        write(
                "",
                new SafetensorsWriter()
                        .tensor(MODULE + ".weight", "U8", packed(rows), 3, columns)
                        .tensor(MODULE + ".weight_scale", "F32", floats(8), 1));
        try (Arena memory = Arena.ofShared();
                TensorCatalog catalog = open()) {
            TensorInfo weight = catalog.tensor(MODULE + ".weight", memory);
            assertThat(weight.type()).isEqualTo(type);
            assertRows(weight, rows);
            assertThat(scale(catalog, memory)).isEqualTo(0.125f); // bitlinear, the default, divides
            assertThat(catalog.entry(MODULE + ".weight_scale")).isEmpty();
        }
    }

    @Test
    void autoBitLinear_multipliesTheBiasToo() throws IOException {
        int[][] rows = {{1, 0}, {0, -1}, {-1, -1}, {1, 1}};
        write(
                ",\"linear_class\":\"autobitlinear\"",
                new SafetensorsWriter()
                        .tensor(MODULE + ".weight", "U8", packed(rows), 1, 2)
                        .tensor(MODULE + ".bias", "F32", floats(1, 2, 3, -4), 4)
                        .tensor(MODULE + ".weight_scale", "F32", floats(0.5f), 1));
        try (Arena memory = Arena.ofShared();
                TensorCatalog catalog = open()) {
            assertRows(catalog.tensor(MODULE + ".weight", memory), rows);
            assertThat(scale(catalog, memory)).isEqualTo(0.5f);
            assertThat(catalog.tensor(MODULE + ".bias", memory).data().toArray(Tensor.FLOAT))
                    .containsExactly(0.5f, 1, 1.5f, -2);
        }
    }

    /** Mean magnitude 2: halves go to the even of two, and nothing beyond 1. */
    @Test
    void masterWeights_areRoundedByTheirMean() throws IOException {
        write(
                ",\"linear_class\":\"autobitlinear\",\"quantization_mode\":\"online\"",
                new SafetensorsWriter()
                        .tensor("model.embed_tokens.weight", "F32", floats(1, 2), 1, 2)
                        .tensor("lm_head.weight", "F32", floats(1, 2), 1, 2)
                        .tensor(MODULE + ".weight", "F32", floats(1, -1, 1.125f, -5, 3, 0.875f), 2, 3));
        try (Arena memory = Arena.ofShared();
                TensorCatalog catalog = open()) {
            assertRows(catalog.tensor(MODULE + ".weight", memory), new int[][] {{0, 0, 1}, {-1, 1, 0}});
            assertThat(scale(catalog, memory)).isEqualTo(2);
            assertThat(catalog.entries()).hasSize(4);
        }
    }

    @Test
    void keptModules_stayAsTheyAre() throws IOException {
        write(
                ",\"linear_class\":\"autobitlinear\",\"quantization_mode\":\"online\","
                        + "\"modules_to_not_convert\":[\"lm_head\",\"model.layers.0\"]",
                new SafetensorsWriter()
                        .tensor(MODULE + ".weight", "F32", floats(1, -1), 1, 2)
                        .tensor("model.layers.00.mlp.up_proj.weight", "F32", floats(1, -1), 1, 2));
        try (TensorCatalog catalog = open()) {
            assertThat(catalog.entry(MODULE + ".ternary_scale")).isEmpty();
            assertThat(catalog.entry("model.layers.00.mlp.up_proj.ternary_scale"))
                    .isPresent();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~', // none
            value = {
                "'use_rms_norm':true | use_rms_norm: norms within ternary products are not supported",
                "'linear_class':'bitlinear2' | linear_class: expected bitlinear or autobitlinear, found bitlinear2",
                "'quantization_mode':'later' | quantization_mode: expected offline or online, found later",
                "'modules_to_not_convert':['model.layers.1'] | a ternary output matrix is not supported",
                "'modules_to_not_convert':['lm_head','layers.*'] | expected names of modules, found layers.*",
                "'linear_class':'autobitlinear' | down_proj.weight_scale: expected this part of a packed weight, found none",
                "'linear_class':'bitlinear','quantization_mode':'online' | down_proj.weight_scale: expected this part"
            })
    void unsupported_isNamed(String packing, String message) throws IOException {
        write(
                "," + packing.replace('\'', '"'),
                new SafetensorsWriter().tensor(MODULE + ".weight", "F32", floats(1, -1), 1, 2));
        assertThatThrownBy(this::open).isInstanceOf(ModelFormatException.class).hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({
        "U8, 0, 'weight_scale: expected a positive number, found 0.0'",
        "U8, NaN, 'weight_scale: expected a positive number, found NaN'",
        "F32, 1, 'weight: expected U8, found F32 [1, 2]'"
    })
    void brokenParts_areNamed(String type, float scale, String message) throws IOException {
        byte[] content = type.equals("U8") ? new byte[2] : floats(1, 1);
        write(
                "",
                new SafetensorsWriter()
                        .tensor(MODULE + ".weight", type, content, 1, 2)
                        .tensor(MODULE + ".weight_scale", "F32", floats(scale), 1));
        assertThatThrownBy(this::open).isInstanceOf(ModelFormatException.class).hasMessageContaining(message);
    }

    @Test
    void experts_areRefused() throws IOException {
        write(
                "",
                new SafetensorsWriter()
                        .tensor("model.layers.0.mlp.experts.0.up_proj.weight", "U8", new byte[2], 1, 2)
                        .tensor("model.layers.0.mlp.experts.0.up_proj.weight_scale", "F32", floats(1), 1));
        assertThatThrownBy(this::open).hasMessageContaining("ternary weights of experts are not supported");
    }
}
