package dev.hearth.format.packed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.format.Loading;
import dev.hearth.format.ModelFolder;
import dev.hearth.format.ModelFormatException;
import dev.hearth.format.TensorCatalog;
import dev.hearth.format.TensorInfo;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.reference.RowValues;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Weights packed by compressed-tensors, bitsandbytes and others' layouts, with the F32 values that these libraries or their
 * formulas unpack; and what becomes of broken ones.
 */
final class PackedTensorsTest {
    private static final long SEED = 20261130;

    @TempDir
    private Path folder = Path.of("");

    private static Path vector(String name) {
        try {
            return Path.of(Objects.requireNonNull(PackedTensorsTest.class.getResource("/packed/" + name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static TensorCatalog open(Path path) {
        return PackedFolder.open(ModelFolder.open(path), Loading.IN_MEMORY);
    }

    /** The type is the narrowest that loses nothing: whole numbers under F16 scales stay blocks. */
    @ParameterizedTest
    @CsvSource({
        "fp8_e4m3_blocks, F32",
        "fp8_e5m2_rows, F32",
        "fp8_fnuz, F32",
        "fp8_e5m2fnuz, F32",
        "gptq2, F32",
        "gptq3, Q4_0",
        "gptq4_act, F32",
        "gptq8, F32",
        "gptq4_sym, Q4_0",
        "awq4, F32",
        "awq4_gemv, Q8_0",
        "int4_odd, F32",
        "int3, Q4_0",
        "int5_asym, F32",
        "int8_act, F32",
        "nf4_odd, F32",
        "fp4, BF16",
        "int8_scb, F32",
        "nvfp4, F32",
        "nvfp4_modelopt, F32",
        "mxfp4, MXFP4"
    })
    void weight_isWhatItsMakersUnpack(String name, DType type) {
        try (Arena memory = Arena.ofShared();
                TensorCatalog catalog = open(vector(name))) {
            TensorInfo found = catalog.tensor("layer.weight", memory);
            TensorInfo expected = catalog.tensor("expected");
            assertThat(found.type()).isEqualTo(type);
            assertThat(catalog.entry("layer.weight").orElseThrow().type()).contains(type);
            assertThat(found.shape()).isEqualTo(expected.shape());
            var rows = new RowValues(new HostWeight(name, found.type(), found.shape(), found.data()));
            int width = (int) found.shape().width();
            float[] row = new float[width];
            for (int r = 0; r < found.shape().rows(); r++) {
                rows.read(r, row);
                for (int i = 0; i < width; i++) {
                    float value = expected.data().get(Tensor.FLOAT, 4L * (r * width + i));
                    assertThat(row[i]).as("row %d, column %d", r, i).isCloseTo(value, within(value));
                }
            }
        }
    }

    /** Two roundings of a factor, as of 1 / 127, make one bit in the last place. */
    private static org.assertj.core.data.Offset<Float> within(float value) {
        return org.assertj.core.data.Offset.offset(2 * Math.ulp(value));
    }

    @Test
    void weight_isNoTensorOfTheFile() {
        try (TensorCatalog catalog = open(vector("gptq3"))) {
            assertThatThrownBy(() -> catalog.tensor("layer.weight"))
                    .isInstanceOf(ModelFormatException.class)
                    .hasMessage("model.safetensors: layer.weight: expected a tensor of the file, found a packed one; "
                            + "read it into memory");
            assertThat(catalog.entry("layer.qweight")).isEmpty();
            assertThat(catalog.madeBytes()).isPositive();
        }
    }

    /** Bytes of the header or the data are flipped: each file is refused with the documented error or can be read. */
    @ParameterizedTest
    @CsvSource({
        "gptq4_act",
        "awq4",
        "awq4_gemv",
        "int5_asym",
        "int8_act",
        "nf4_odd",
        "fp8_e4m3_blocks",
        "nvfp4",
        "mxfp4"
    })
    void flippedBytes_areRefusedOrRead(String name) throws IOException {
        Files.copy(vector(name).resolve("config.json"), folder.resolve("config.json"));
        byte[] whole = Files.readAllBytes(vector(name).resolve("model.safetensors"));
        int header = 8
                + (int) java.nio.ByteBuffer.wrap(whole)
                        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                        .getLong();
        Random random = new Random(SEED + name.hashCode());
        int read = 0;
        int files = 150;
        for (int i = 0; i < files; i++) {
            byte[] broken = whole.clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                int at = random.nextBoolean() ? 8 + random.nextInt(header - 8) : random.nextInt(whole.length);
                boolean digit = broken[at] >= '0' && broken[at] <= '9';
                broken[at] = (byte) (digit ? '0' + random.nextInt(10) : random.nextInt(256));
            }
            Files.write(folder.resolve("model.safetensors"), broken);
            read += isRead() ? 1 : 0;
        }
        assertThat(read).isBetween(1, files - 1);
    }

    private boolean isRead() {
        try (Arena memory = Arena.ofShared();
                TensorCatalog catalog = open(folder)) {
            for (var entry : catalog.entries()) {
                if (entry.type().isPresent()) {
                    catalog.tensor(entry.name(), memory);
                }
            }
            return true;
        } catch (ModelFormatException expected) {
            assertThat(expected).hasMessageContaining(": ");
            return false;
        }
    }

    /** Without one of its parts a weight is refused, and the message names the part. */
    @ParameterizedTest
    @CsvSource({
        "gptq3, scales",
        "gptq3, qzeros",
        "awq4, scales",
        "int3, weight_scale",
        "int3, weight_shape",
        "nf4_odd, weight.absmax",
        "nf4_odd, weight.nested_quant_map",
        "mxfp4, weight_scale"
    })
    void missingPart_isNamed(String name, String part) throws IOException {
        Files.copy(vector(name).resolve("config.json"), folder.resolve("config.json"));
        byte[] whole = Files.readAllBytes(vector(name).resolve("model.safetensors"));
        String text = new String(whole, java.nio.charset.StandardCharsets.ISO_8859_1);
        String other = "_".repeat(part.length());
        Files.write(
                folder.resolve("model.safetensors"),
                text.replace("\"layer." + part + "\"", "\"layer." + other + "\"")
                        .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> open(folder).close())
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("layer." + part);
    }

    @Test
    void unknownMethod_isRefused() throws IOException {
        Files.copy(vector("gptq3").resolve("model.safetensors"), folder.resolve("model.safetensors"));
        Files.writeString(folder.resolve("config.json"), "{\"quantization_config\": {\"quant_method\": \"hqq\"}}");
        assertThatThrownBy(() -> open(folder).close())
                .isInstanceOf(ModelFormatException.class)
                .hasMessageStartingWith("config.json: quantization_config.quant_method: expected one of ")
                .hasMessageContaining(", found hqq; ");
    }

    @Test
    void float8_hasTheValuesOfItsSpecification() {
        float[] e4m3 = Float8.values("F8_E4M3");
        assertThat(Set.of(e4m3[0x7e], e4m3[0x01], e4m3[0x08], e4m3[0xfe]))
                .containsExactlyInAnyOrder(448f, 0x1p-9f, 0x1p-6f, -448f);
        assertThat(e4m3[0x7f]).isNaN();
        float[] e5m2 = Float8.values("F8_E5M2");
        assertThat(e5m2[0x7b]).isEqualTo(57344f);
        assertThat(e5m2[0x7c]).isInfinite();
        assertThat(Float8.values("F8_E8M0")[0]).isEqualTo(0x1p-127f);
    }
}
