package dev.hearth.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models in several files, as llama-gguf-split writes them. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class GgufSplitTest {
    private static final int F32 = 0;

    @TempDir
    Path folder;

    /** Part {@code index} of {@code count}, one tensor in each, metadata in the first. */
    private static GgufWriter part(int index, int count, int tensors) {
        GgufWriter writer = index == 0
                ? new GgufWriter().value("general.architecture", GgufType.STRING, "llama")
                : new GgufWriter();
        return writer.value("split.no", GgufType.UINT16, (long) index)
                .value("split.count", GgufType.UINT16, (long) count)
                .value("split.tensors.count", GgufType.INT32, (long) tensors);
    }

    private static GgufWriter withTensor(int index, int count) {
        return part(index, count, count).tensor("t" + index, F32, filled(index + 1), index + 1);
    }

    /** {@code size} floats whose bytes are the size. */
    private static byte[] filled(int size) {
        byte[] bytes = new byte[4 * size];
        Arrays.fill(bytes, (byte) size);
        return bytes;
    }

    private Path path(int index, int count) {
        return folder.resolve("m-%05d-of-%05d.gguf".formatted(index + 1, count));
    }

    private void write(Path file, GgufWriter content) {
        try {
            Files.write(file, content.toBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void writeAll(int count) {
        for (int i = 0; i < count; i++) {
            write(path(i, count), withTensor(i, count));
        }
    }

    private AbstractThrowableAssert<?, ?> refused(Path file) {
        return assertThatThrownBy(() -> Gguf.open(file, Loading.MAPPED)).isInstanceOf(ModelFormatException.class);
    }

    @ParameterizedTest
    @EnumSource
    void anyPart_opensAll(Loading loading) {
        writeAll(3);
        for (int i = 0; i < 3; i++) {
            try (Gguf gguf = Gguf.open(path(i, 3), loading)) {
                assertThat(gguf.place()).isEqualTo("m-00001-of-00003.gguf");
                assertThat(gguf.metadata().string("general.architecture")).hasValue("llama");
                assertThat(gguf.entries().stream().map(TensorEntry::name)).containsExactly("t0", "t1", "t2");
                for (int t = 0; t < 3; t++) {
                    TensorInfo tensor = gguf.tensor("t" + t);
                    assertThat(tensor.file()).isEqualTo("m-0000" + (t + 1) + "-of-00003.gguf");
                    assertThat(tensor.data().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(filled(t + 1));
                }
            }
        }
    }

    @Test
    void partsOpenedInAnArena_liveAsLongAsIt() {
        writeAll(2);
        MemorySegment data;
        try (Arena arena = Arena.ofConfined()) {
            Gguf gguf = Gguf.open(path(0, 2), Loading.MAPPED, arena);
            gguf.close();
            data = gguf.tensor("t1").data();
            assertThat(data.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 2);
        }
        assertThat(data.scope().isAlive()).isFalse();
    }

    @Test
    void firstPartWithMetadataAlone_andPartsOfVersion2_areRead() {
        write(path(0, 2), part(0, 2, 1).version(2));
        write(path(1, 2), part(1, 2, 1).version(2).tensor("only", F32, filled(3), 3));
        try (Gguf gguf = Gguf.open(path(1, 2), Loading.MAPPED)) {
            assertThat(gguf.version()).isEqualTo(2);
            assertThat(gguf.tensor("only").data().byteSize()).isEqualTo(12);
        }
    }

    @Test
    void countOfOne_isAWholeModelOfAnyName() {
        Path file = folder.resolve("whole.gguf");
        write(file, withTensor(0, 1));
        try (Gguf gguf = Gguf.open(file, Loading.MAPPED)) {
            assertThat(gguf.entries()).hasSize(1);
        }
    }

    @Test
    void missingParts_areNamed() throws IOException {
        writeAll(9);
        Files.delete(path(1, 9));
        refused(path(4, 9))
                .hasMessage("m-00005-of-00009.gguf: expected all 9 parts of the model in one folder, found none of"
                        + " m-00002-of-00009.gguf; download what is missing");
        for (int i = 2; i < 8; i++) {
            Files.delete(path(i, 9));
        }
        refused(path(0, 9)).hasMessageContaining("m-00006-of-00009.gguf and 2 more; download");
    }

    @ParameterizedTest
    @ValueSource(strings = {"renamed.gguf", "m-00001-of-00002.gguf", "m-00000-of-00003.gguf", "m-00004-of-00003.gguf"})
    void partOfAnotherName_isRefused(String name) {
        writeAll(3);
        write(folder.resolve(name), withTensor(1, 3));
        refused(folder.resolve(name))
                .hasMessage(name + ": split.count: expected a file named NAME-00002-of-00003.gguf with the other parts"
                        + " beside it, found " + name
                        + "; give it its name back, or join the parts with llama-gguf-split --merge");
    }

    @Test
    void partInThePlaceOfAnother_isRefused() throws IOException {
        writeAll(3);
        Files.copy(path(2, 3), path(1, 3), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        refused(path(0, 3))
                .hasMessage(
                        "m-00002-of-00003.gguf: split.no: expected 1 by the file's name, found 2; download it again");
    }

    @Test
    void partsThatContradictOneAnother_areRefused() {
        writeAll(3);
        write(path(1, 3), withTensor(1, 2));
        refused(path(0, 3))
                .hasMessage("m-00002-of-00003.gguf: split.count: expected 3 as in m-00001-of-00003.gguf, found 2");
        write(path(1, 3), new GgufWriter());
        refused(path(0, 3))
                .hasMessageContaining("m-00002-of-00003.gguf: split.count: expected 3")
                .hasMessageEndingWith("none");
        write(path(1, 3), part(1, 3, 4));
        refused(path(0, 3))
                .hasMessageContaining("m-00002-of-00003.gguf: split.tensors.count: expected the same number");
        write(path(1, 3), part(1, 3, 3));
        refused(path(2, 3))
                .hasMessage("m-00001-of-00003.gguf: split.tensors.count: expected 3 tensors in all 3 parts, found 2;"
                        + " download them again");
        write(path(1, 3), part(1, 3, 3).tensor("t0", F32, filled(1), 1));
        refused(path(0, 3))
                .hasMessage("m-00002-of-00003.gguf: t0: expected one tensor of this name, found another in"
                        + " m-00001-of-00003.gguf");
    }

    @ParameterizedTest
    @CsvSource({"split.count, -1", "split.count, 65536", "split.no, -1", "split.no, 65535", "split.tensors.count, -1"})
    void numbersOutOfRange_areRefused(String key, long value) {
        writeAll(2);
        GgufWriter broken = new GgufWriter();
        for (String each : new String[] {"split.count", "split.no", "split.tensors.count"}) {
            broken.value(each, GgufType.INT64, each.equals(key) ? value : each.equals("split.no") ? 1L : 2L);
        }
        write(path(1, 2), broken);
        for (int i = 0; i < 2; i++) {
            refused(path(i, 2)).hasMessageStartingWith("m-00002-of-00002.gguf: " + key + ": expected 0 to ");
        }
    }

    @Test
    void brokenParts_areRefusedOrRead() throws IOException {
        long seed = 20_260_104;
        Random random = new Random(seed);
        Hostile hostile = new Hostile();
        writeAll(3);
        for (int i = 0; i < 1_500; i++) {
            int index = random.nextInt(3);
            byte[] broken = withTensor(index, 3).toBytes();
            if (i % 3 == 0) {
                broken = Arrays.copyOf(broken, random.nextInt(broken.length));
            } else {
                for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                    broken[random.nextInt(broken.length)] ^= (byte) (1 + random.nextInt(255));
                }
            }
            Files.write(path(index, 3), broken);
            Path asked = path(random.nextInt(3), 3);
            hostile.accepts("seed " + seed + ", case " + i, 2_000_000, () -> {
                try (Gguf gguf = Gguf.open(asked, Loading.MAPPED)) {
                    Hostile.readAll(gguf);
                }
            });
            write(path(index, 3), withTensor(index, 3));
        }
        assertThat(hostile.accepted()).isGreaterThan(50);
        assertThat(hostile.refused()).isGreaterThan(500);
    }
}
