package dev.hearth.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every reference file, held against what gguf-py and the safetensors library read in it. */
class ReferenceFilesTest {
    private static final String TENSORS = "gguf-tensors.tsv";
    private static final String METADATA = "gguf-metadata.tsv";
    private static final String SAFETENSORS = "safetensors-tensors.tsv";

    static Stream<String> ggufFiles() {
        return ReferenceFiles.table(TENSORS).keySet().stream();
    }

    static Stream<String> safetensorsFiles() {
        return ReferenceFiles.table(SAFETENSORS).keySet().stream();
    }

    @Test
    void files_areAsManyAsExpected() {
        assertThat(ggufFiles().count()).isEqualTo(ReferenceFiles.areComplete() ? 20 : 1);
        assertThat(safetensorsFiles().count()).isEqualTo(ReferenceFiles.areComplete() ? 17 : 2);
    }

    @ParameterizedTest
    @MethodSource("ggufFiles")
    void ggufTensors_areThoseOfTheReference(String file) {
        for (Loading loading : Loading.values()) {
            try (Gguf gguf = Gguf.open(ReferenceFiles.path(file), loading)) {
                assertThat(gguf.version()).isEqualTo(3);
                agree(gguf, ReferenceFiles.rows(TENSORS, file));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("safetensorsFiles")
    void safetensorsTensors_areThoseOfTheReference(String file) {
        for (Loading loading : Loading.values()) {
            try (Safetensors tensors = Safetensors.open(ReferenceFiles.path(file), loading)) {
                assertThat(tensors.metadata()).containsEntry("format", "pt");
                agree(tensors, ReferenceFiles.rows(SAFETENSORS, file));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ggufFiles")
    void ggufMetadata_isThatOfTheReference(String file) {
        List<String[]> rows = ReferenceFiles.rows(METADATA, file);
        try (Gguf gguf = Gguf.open(ReferenceFiles.path(file), Loading.MAPPED)) {
            GgufMetadata metadata = gguf.metadata();
            assertThat(metadata.keys())
                    .containsExactlyElementsOf(rows.stream().map(r -> r[1]).toList());
            for (String[] row : rows) {
                assertThat(metadata.kind(row[1])).as(row[1]).hasValue(row[2]);
                assertThat(value(metadata, row[1], row[2])).as(row[1]).isEqualTo(row[3]);
            }
        }
    }

    @Test
    void shards_makeOneCatalogue() {
        Set<String> files = ReferenceFiles.table(SAFETENSORS).keySet();
        List<String> shards = files.stream().filter(f -> f.contains("mixtral")).toList();
        var folder = ReferenceFiles.path("oracles/mixtral");
        if (!ReferenceFiles.areComplete()) { // the copy has one shard of four
            assertThatThrownBy(() -> SafetensorsFolder.open(folder, Loading.MAPPED))
                    .isInstanceOf(ModelFormatException.class)
                    .hasMessage("model.safetensors.index.json: expected the shard model-00001-of-00004.safetensors"
                            + " beside it, found nothing; download it again");
            return;
        }
        try (SafetensorsFolder all = SafetensorsFolder.open(folder, Loading.MAPPED)) {
            assertThat(all.files()).hasSize(4);
            List<String[]> rows = new ArrayList<>();
            shards.forEach(s -> rows.addAll(ReferenceFiles.rows(SAFETENSORS, s)));
            agree(all, rows);
        }
    }

    private static void agree(TensorCatalog catalog, List<String[]> rows) {
        assertThat(catalog.entries().stream().map(TensorEntry::name))
                .containsExactlyInAnyOrderElementsOf(
                        rows.stream().map(r -> r[1]).toList());
        for (String[] row : rows) {
            TensorEntry entry = catalog.entry(row[1]).orElseThrow();
            Shape shape = Shape.of(
                    Arrays.stream(row[3].split(",")).mapToLong(Long::parseLong).toArray());
            assertThat(entry.typeName()).as(row[1]).isEqualTo(row[2]);
            assertThat(entry.shape()).as(row[1]).isEqualTo(shape);
            assertThat(entry.bytes()).as(row[1]).isEqualTo(Long.parseLong(row[4]));
            if (entry.type().isPresent()) {
                TensorInfo tensor = catalog.tensor(row[1]);
                assertThat(tensor.shape()).isEqualTo(shape);
                assertThat(tensor.type().name()).isEqualTo(row[2]);
                assertThat(Hostile.crc(tensor.data())).as(row[1]).isEqualTo(Long.parseLong(row[5]));
            } else {
                assertThatThrownBy(() -> catalog.tensor(row[1]))
                        .isInstanceOf(ModelFormatException.class)
                        .hasMessageContaining(row[2])
                        .hasMessageContaining(row[1])
                        .hasMessageContaining("Q4_K");
            }
        }
    }

    /** As the table spells it, through the accessor for the kind. */
    private static String value(GgufMetadata metadata, String key, String kind) {
        if (kind.endsWith(" string")) {
            return crc(String.join("\n", metadata.strings(key).orElseThrow()).getBytes(StandardCharsets.UTF_8));
        }
        if (kind.endsWith(" float32")) {
            float[] values = metadata.floats(key).orElseThrow();
            ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            return crc(bytes.array());
        }
        if (kind.endsWith(" int32")) {
            int[] values = metadata.integers(key);
            ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asIntBuffer().put(values);
            return crc(bytes.array());
        }
        return switch (kind) {
            case "string" -> crc(metadata.requiredString(key).getBytes(StandardCharsets.UTF_8));
            case "uint32" -> Integer.toString(metadata.requiredInteger(key));
            case "bool" -> metadata.flag(key, false) ? "True" : "False";
            case "float32" ->
                Double.toString(metadata.number(key).orElseThrow()).replace("E-", "e-0");
            default -> throw new AssertionError("a kind that no reference file had: " + kind);
        };
    }

    private static String crc(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return Long.toString(crc.getValue());
    }
}
