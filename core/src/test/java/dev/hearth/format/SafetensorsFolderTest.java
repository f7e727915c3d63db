package dev.hearth.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFolderTest {
    private static final String A = "model-00001-of-00002.safetensors";
    private static final String B = "model-00002-of-00002.safetensors";

    @TempDir
    Path folder;

    @Test
    void shards_areOneCatalogue() throws IOException {
        write(A, "a", 1);
        write(B, "b", 2);
        index("{\"metadata\":{\"total_size\":8},\"weight_map\":{\"b\":\"%s\",\"a\":\"%s\"}}".formatted(B, A));
        for (Loading loading : Loading.values()) {
            try (SafetensorsFolder tensors = SafetensorsFolder.open(folder, loading)) {
                assertThat(tensors.files()).containsExactly(B, A);
                assertThat(tensors.entries().stream().map(TensorEntry::name)).containsExactly("b", "a");
                assertThat(tensors.tensor("a").file()).isEqualTo(A);
                assertThat(tensors.tensor("b").data().mismatch(MemorySegment.ofArray(new byte[] {2, 2, 2, 2})))
                        .isEqualTo(-1);
                assertThat(tensors.place()).isEqualTo(folder.getFileName().toString());
            }
        }
    }

    @Test
    void memory_isFreedByItsOwner() throws IOException {
        write(SafetensorsFolder.SINGLE, "a", 1);
        SafetensorsFolder own = SafetensorsFolder.open(folder, Loading.MAPPED);
        MemorySegment data = own.tensor("a").data();
        own.close();
        own.close();
        assertThat(data.scope().isAlive()).isFalse();
        try (Arena arena = Arena.ofShared()) {
            SafetensorsFolder lent = SafetensorsFolder.open(folder, Loading.MAPPED, arena);
            lent.close();
            assertThat(lent.tensor("a").data().scope().isAlive()).isTrue();
        }
    }

    @Test
    void singleFile_goesBeforeAnIndex() throws IOException {
        write(SafetensorsFolder.SINGLE, "single", 1);
        index("{}");
        try (SafetensorsFolder tensors = SafetensorsFolder.open(folder, Loading.MAPPED)) {
            assertThat(tensors.files()).containsExactly(SafetensorsFolder.SINGLE);
            assertThat(tensors.entry("single")).isPresent();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../a.safetensors",
                "..",
                "/etc/a.safetensors",
                "sub/a.safetensors",
                "sub\\\\a.safetensors",
                "C:a.safetensors",
                ".safetensors",
                "",
                "a.bin",
                "a\\u0000.safetensors",
                "a\\n.safetensors",
            })
    void shardsElsewhere_areRefused(String file) throws IOException {
        write("a.safetensors", "a", 1);
        index("{\"weight_map\":{\"a\":\"%s\"}}".formatted(file));
        refused()
                .hasMessageStartingWith(
                        "model.safetensors.index.json: weight_map.a: expected the name of a .safetensors"
                                + " file in the same folder, found \"");
    }

    @Test
    void symbolicLinks_areFollowed() throws IOException { // a snapshot in a cache consists of them
        Path blobs = Files.createDirectory(folder.resolve("blobs"));
        Path snapshot = Files.createDirectory(folder.resolve("snapshot"));
        Files.write(
                blobs.resolve("c0ffee"),
                new SafetensorsWriter().tensor("a", "F32", new byte[4], 1).toBytes());
        Files.createSymbolicLink(snapshot.resolve(SafetensorsFolder.SINGLE), Path.of("../blobs/c0ffee"));
        try (SafetensorsFolder tensors = SafetensorsFolder.open(snapshot, Loading.MAPPED)) {
            assertThat(tensors.tensor("a").file()).isEqualTo("model.safetensors");
        }
    }

    @Test
    void indexAndShards_mustAgree() throws IOException {
        write(A, "a", 1);
        write(B, "b", 2);
        index("{\"weight_map\":{\"a\":\"%s\",\"b\":\"%s\"}}".formatted(A, A));
        refused().hasMessage("model.safetensors.index.json: b: expected this tensor in " + A + ", found it in none");
        index("{\"weight_map\":{\"a\":\"%s\",\"b\":\"%s\"}}".formatted(B, A));
        refused().hasMessage("model.safetensors.index.json: a: expected this tensor in " + B + ", found it in " + A);
        index("{\"weight_map\":{\"a\":\"%s\",\"b\":\"none.safetensors\"}}".formatted(A));
        refused()
                .hasMessage(
                        "model.safetensors.index.json: expected the shard none.safetensors beside it, found nothing;"
                                + " download it again");
    }

    @Test
    void tensorInTwoShards_isRefused() throws IOException {
        write(A, "a", 1);
        Files.write(
                folder.resolve(B),
                new SafetensorsWriter()
                        .tensor("a", "F32", new byte[4], 1)
                        .tensor("b", "F32", new byte[4], 1)
                        .toBytes());
        index("{\"weight_map\":{\"b\":\"%s\",\"a\":\"%s\"}}".formatted(B, A));
        refused().hasMessage(A + ": a: expected one tensor of this name, found another in " + B);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"weight_map\":{}}", "{\"metadata\":{}}"})
    void emptyIndex_isRefused(String json) throws IOException {
        index(json);
        refused().hasMessageContaining("expected a weight_map that names a file for each tensor, found none");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{\"weight_map\":[]}",
                "{\"weight_map\":{\"a\":1}}",
                "{\"weight_map\":{\"a\":\"x.safetensors\",\"a\":\"x.safetensors\"}}",
                "{\"weight_map\":{\"a\":\"x.safetensors\"}}}",
            })
    void otherIndexes_areRefused(String json) throws IOException {
        index(json);
        refused().hasMessageStartingWith("model.safetensors.index.json: ");
    }

    @Test
    void tensorBeyondTwoGibibytes_isReached() throws IOException {
        long far = 3L << 30;
        String header = "{\"far\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[%d,%d]},".formatted(far, far + 8)
                + "\"near\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]}}".formatted(far, far);
        byte[] start = SafetensorsWriter.file(header, new byte[0]);
        Path file = folder.resolve(SafetensorsFolder.SINGLE);
        try (var channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.SPARSE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(start), 0);
            channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}), start.length + far);
        }
        try (SafetensorsFolder tensors = SafetensorsFolder.open(folder, Loading.MAPPED)) {
            assertThat(tensors.tensor("far").data().toArray(ValueLayout.JAVA_BYTE))
                    .containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
            assertThat(tensors.entry("near").orElseThrow().bytes()).isEqualTo(far);
        }
    }

    private void write(String file, String tensor, int fill) throws IOException {
        byte[] content = {(byte) fill, (byte) fill, (byte) fill, (byte) fill};
        Files.write(
                folder.resolve(file),
                new SafetensorsWriter().tensor(tensor, "F32", content, 1).toBytes());
    }

    private void index(String json) throws IOException {
        Files.writeString(folder.resolve(SafetensorsFolder.INDEX), json);
    }

    private AbstractThrowableAssert<?, ?> refused() {
        return assertThatThrownBy(() -> SafetensorsFolder.open(folder, Loading.MAPPED))
                .isInstanceOf(ModelFormatException.class);
    }
}
