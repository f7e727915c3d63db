package dev.hearth.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GgufTest {
    private static final int F32 = 0;
    private static final int Q8_0 = 8;
    private static final int Q8_K = 15;

    @TempDir
    Path temporary;

    @ParameterizedTest
    @ValueSource(longs = {2, 3})
    void versions_twoAndThree(long version) {
        assertThat(read(new GgufWriter().version(version)).version()).isEqualTo((int) version);
    }

    @ParameterizedTest
    @CsvSource({"0,found 0", "1,found 1", "4,found 4", "50331648,big-endian"})
    void otherVersions_areRefused(long version, String found) {
        refused(new GgufWriter().version(version)).hasMessageContaining(found);
    }

    @Test
    void otherFiles_areRefused() {
        assertThatThrownBy(() -> Gguf.read(
                        "x",
                        MemorySegment.ofArray("PK\3\4 and more".getBytes(java.nio.charset.StandardCharsets.UTF_8))))
                .isInstanceOf(ModelFormatException.class)
                .hasMessage("x: expected a GGUF file, which begins with \"GGUF\", found bytes 504b0304");
        assertThatThrownBy(() -> Gguf.read("x", MemorySegment.ofArray(new byte[0])))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("x: byte 0: expected 4 bytes for the magic number, found 0");
    }

    @Test
    void tensor_isAReadOnlySliceOfItsBytes() {
        Gguf gguf = read(new GgufWriter()
                .tensor("first", F32, filled(24, 1), 2, 3)
                .tensor("second", Q8_0, filled(68, 2), 2, 1, 32)
                .tensor("empty", F32, new byte[0], 0, 4)
                .tensor("scalar", F32, filled(4, 3)));
        TensorInfo second = gguf.tensor("second");
        assertThat(second.type()).isEqualTo(DType.Q8_0);
        assertThat(second.shape()).isEqualTo(Shape.of(2, 1, 32));
        assertThat(second.data().mismatch(MemorySegment.ofArray(filled(68, 2)))).isEqualTo(-1);
        assertThat(second.data().isReadOnly()).isTrue();
        assertThat(second.place()).isEqualTo("x.gguf: second");
        assertThat(gguf.tensor("empty").data().byteSize()).isZero();
        assertThat(gguf.tensor("scalar").shape()).isEqualTo(Shape.of());
        assertThat(gguf.entries().stream().map(TensorEntry::name))
                .containsExactly("first", "second", "empty", "scalar");
        assertThatThrownBy(() -> gguf.tensor("third"))
                .isInstanceOf(ModelFormatException.class)
                .hasMessage("x.gguf: third: expected a tensor of this name, found none among 4");
    }

    @Test
    void tensorOfATypeThatIsNotLoaded_isListedAndRefusedWhenAskedFor() {
        Gguf gguf =
                read(new GgufWriter().tensor("five", Q8_K, filled(292, 1), 256).tensor("new", 77, filled(100, 1), 256));
        assertThat(gguf.entry("five").orElseThrow().typeName()).isEqualTo("Q8_K");
        assertThat(gguf.entry("five").orElseThrow().bytes()).isEqualTo(292);
        assertThat(gguf.entry("new").orElseThrow().typeName()).isEqualTo("ggml type 77");
        assertThat(gguf.entry("new").orElseThrow().bytes()).isEqualTo(100);
        assertThatThrownBy(() -> gguf.tensor("five"))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageStartingWith("x.gguf: five: expected one of the types F32, F16, Q4_0, Q4_1, ")
                .hasMessageEndingWith(", found Q8_K; use a file in one of these");
        assertThatThrownBy(() -> gguf.tensor("new")).isInstanceOf(ModelFormatException.class);
    }

    @ParameterizedTest
    @CsvSource({
        // offset in the data, sizes innermost last; the data has 64 bytes
        "0, 16, ok",
        "32, 8, ok",
        "64, 0, ok",
        "0, 17, cut short",
        "32, 9, cut short",
        "96, 0, cut short",
        "-32, 1, cut short",
        "9223372036854775776, 1, cut short",
        "8, 1, multiple of 32",
        "0, 4611686018427387904, product",
        "0, 144115188075855871, cut short",
        "0, -1, at least 0",
    })
    void tensorData_mustLieInTheFileAligned(long offset, long size, String expected) {
        GgufWriter file = new GgufWriter().info("t", F32, offset, size).content(filled(64, 1));
        if (expected.equals("ok")) {
            assertThat(read(file).tensor("t").data().byteSize()).isEqualTo(4 * size);
        } else {
            refused(file).hasMessageContaining("x.gguf: t: ").hasMessageContaining(expected);
        }
    }

    @Test
    void shapes_thatCannotBe_areRefused() {
        refused(new GgufWriter().info("t", F32, 0, 1L << 32, 1L << 32).content(filled(64, 1)))
                .hasMessageContaining("x.gguf: t: expected dimensions of at least 0 whose product is at most");
        refused(new GgufWriter().info("t", F32, 0, 0, 1L << 62)).hasMessageContaining("product is at most");
        refused(new GgufWriter().info("t", F32, 0, 1, 1, 1, 1, 1).content(filled(64, 1)))
                .hasMessageContaining("at most 4 dimensions");
        refused(new GgufWriter().info("t", Q8_0, 0, 16).content(filled(64, 1)))
                .hasMessageContaining("a multiple of 32 elements for Q8_0, found [16]");
    }

    @Test
    void overlappingTensors_areRefused() {
        refused(new GgufWriter().info("a", F32, 32, 8).info("b", F32, 0, 9).content(filled(64, 1)))
                .hasMessage("x.gguf: a: expected data of its own, found it overlapping that of b");
        assertThat(read(new GgufWriter()
                                .info("a", F32, 32, 8)
                                .info("b", F32, 0, 8)
                                .content(filled(64, 1)))
                        .entries())
                .hasSize(2);
    }

    @Test
    void secondOfAName_isRefused() {
        refused(new GgufWriter().tensor("t", F32, filled(4, 1), 1).tensor("t", F32, filled(4, 1), 1))
                .hasMessageContaining("x.gguf: t: expected one tensor of this name");
        refused(new GgufWriter().value("k", GgufType.UINT8, 1L).value("k", GgufType.STRING, ""))
                .hasMessage("x.gguf: k: expected this key once, found it twice");
    }

    @ParameterizedTest
    @ValueSource(longs = {8, 16, 64, 4096, 1 << 20})
    void alignment_isThatOfTheFile(long alignment) {
        Gguf gguf = read(new GgufWriter()
                .alignment(alignment)
                .tensor("a", F32, filled(4, 1), 1)
                .tensor("b", F32, filled(4, 2), 1));
        assertThat(gguf.tensor("b").data().mismatch(MemorySegment.ofArray(filled(4, 2))))
                .isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 4, 24, 33, 1 << 21, 0xffff_ffffL})
    void otherAlignments_areRefused(long alignment) {
        refused(new GgufWriter().value("general.alignment", GgufType.UINT32, alignment))
                .hasMessage("x.gguf: general.alignment: expected a power of two from 8 to 1048576, found " + alignment);
    }

    @Test
    void partOfASplitModel_withoutAPath_isRefused() {
        refused(new GgufWriter().value("split.count", GgufType.UINT16, 3L))
                .hasMessage("x.gguf: split.count: expected a whole model, found one of 3 parts; open it by its path");
        assertThat(read(new GgufWriter().value("split.count", GgufType.UINT16, 1L))
                        .entries())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 1 << 20, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE, -1})
    void counts_thatDoNotFit_areRefused(long count) {
        refused(new GgufWriter().keyCount(count)).hasMessageContaining("expected at most 0 keys");
        refused(new GgufWriter().tensorCount(count)).hasMessageContaining("expected at most 0 tensors");
    }

    @Test
    void metadata_hasEveryKind() {
        GgufMetadata m = read(new GgufWriter()
                        .value("u8", GgufType.UINT8, 255L)
                        .value("i8", GgufType.INT8, -128L)
                        .value("u16", GgufType.UINT16, 65_535L)
                        .value("i16", GgufType.INT16, -32_768L)
                        .value("u32", GgufType.UINT32, 0xffff_ffffL)
                        .value("i32", GgufType.INT32, -5L)
                        .value("f32", GgufType.FLOAT32, 0.1f)
                        .value("bool", GgufType.BOOL, true)
                        .value("string", GgufType.STRING, "tœken\0")
                        .value("u64", GgufType.UINT64, -1L)
                        .value("i64", GgufType.INT64, Long.MIN_VALUE)
                        .value("f64", GgufType.FLOAT64, 0.1)
                        .value("ints", GgufType.ARRAY, new GgufWriter.Array(GgufType.INT16, List.of(1L, -2L)))
                        .value("flags", GgufType.ARRAY, new GgufWriter.Array(GgufType.BOOL, List.of(true, false)))
                        .value("none", GgufType.ARRAY, new GgufWriter.Array(GgufType.INT8, List.of())))
                .metadata();
        assertThat(m.requiredInteger("u8")).isEqualTo(255);
        assertThat(m.requiredInteger("i8")).isEqualTo(-128);
        assertThat(m.requiredInteger("u16")).isEqualTo(65_535);
        assertThat(m.requiredInteger("i16")).isEqualTo(-32_768);
        assertThat(m.longInteger("u32")).hasValue(0xffff_ffffL);
        assertThat(m.requiredInteger("i32")).isEqualTo(-5);
        assertThat(m.number("f32")).hasValue((double) 0.1f);
        assertThat(m.number("f64")).hasValue(0.1);
        assertThat(m.number("i16")).hasValue(-32_768);
        assertThat(m.flag("bool", false)).isTrue();
        assertThat(m.string("string")).hasValue("tœken\0");
        assertThat(m.longInteger("i64")).hasValue(Long.MIN_VALUE);
        assertThat(m.json("u64")).hasValue(new Json.Real(0x1p64));
        assertThat(m.integers("ints")).containsExactly(1, -2);
        assertThat(m.integers("i8")).containsExactly(-128);
        assertThat(m.integers("absent")).isEmpty();
        assertThat(m.floats("ints").orElseThrow()).containsExactly(1, -2);
        assertThat(m.flags("flags").orElseThrow()).containsExactly(true, false);
        assertThat(m.strings("none").orElseThrow()).isEmpty();
        assertThat(m.kind("ints")).hasValue("array of 2 int16");
        assertThat(m.string("absent")).isEmpty();
        assertThat(m.flag("absent", true)).isTrue();
        assertThat(m.keys()).hasSize(15).startsWith("u8", "i8");
        refused(() -> m.string("u8")).hasMessage("x.gguf: u8: expected a string, found uint8");
        refused(() -> m.requiredInteger("u64"))
                .hasMessage("x.gguf: u64: expected an integer of 63 bits, found 18446744073709551615");
        refused(() -> m.requiredInteger("u32"))
                .hasMessage("x.gguf: u32: expected an integer of 32 bits, found 4294967295");
        refused(() -> m.requiredInteger("f32")).hasMessage("x.gguf: f32: expected an integer, found float32");
        refused(() -> m.requiredInteger("absent")).hasMessage("x.gguf: absent: expected an integer, found nothing");
        refused(() -> m.requiredString("absent")).hasMessage("x.gguf: absent: expected a string, found nothing");
        refused(() -> m.number("bool")).hasMessage("x.gguf: bool: expected a number, found bool");
        refused(() -> m.flag("u8", true)).hasMessage("x.gguf: u8: expected a bool, found uint8");
        refused(() -> m.strings("ints"))
                .hasMessage("x.gguf: ints: expected an array of strings, found array of 2 int16");
        refused(() -> m.floats("f32")).hasMessage("x.gguf: f32: expected an array of numbers, found float32");
    }

    @Test
    void bool_otherThanZeroOrOne_isRefused() {
        Gguf gguf = read(new GgufWriter().raw("b", new LittleEndian().int32(7).int8(2)));
        refused(() -> gguf.metadata().flag("b", false)).hasMessage("x.gguf: b: expected a bool of 0 or 1, found 2");
    }

    @Test
    void nestedArrays_areBounded() {
        LittleEndian eight = new LittleEndian().int32(9);
        LittleEndian nine = new LittleEndian().int32(9);
        for (int depth = 1; depth <= 8; depth++) {
            eight.int32(depth < 8 ? 9 : 4).int64(depth < 8 ? 1 : 0);
            nine.int32(9).int64(1);
        }
        nine.int32(4).int64(0);
        assertThat(read(new GgufWriter().raw("deep", eight))
                        .metadata()
                        .json("deep")
                        .orElseThrow()
                        .toString())
                .contains("Arr[elements=[]]");
        refused(new GgufWriter().raw("deep", nine)).hasMessageContaining("nested at most 8 deep in deep");
    }

    @Test
    void arrayTooLargeForATree_isReadAsAnArrayOnly() {
        int count = (1 << 21) + 1;
        GgufMetadata metadata = read(new GgufWriter()
                        .raw(
                                "big",
                                new LittleEndian()
                                        .int32(9)
                                        .int32(0)
                                        .int64(count)
                                        .bytes(new byte[count])))
                .metadata();
        assertThat(metadata.integers("big")).hasSize(count);
        refused(() -> metadata.json("big")).hasMessage("x.gguf: big: expected at most 2097152 elements, found more");
    }

    @Test
    void vocabulary_ofAHundredAndFiftyThousandTokens() {
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < 150_000; i++) {
            tokens.add("tökén" + i);
        }
        Gguf gguf =
                read(new GgufWriter().value("tokens", GgufType.ARRAY, new GgufWriter.Array(GgufType.STRING, tokens)));
        assertThat(gguf.metadata().strings("tokens").orElseThrow()).isEqualTo(tokens);
        assertThat(gguf.metadata().kind("tokens")).hasValue("array of 150000 string");
    }

    @Test
    void file_isFreedByItsOwner() throws IOException {
        Path file = temporary.resolve("x.gguf");
        Files.write(file, new GgufWriter().tensor("t", F32, filled(4, 1), 1).toBytes());
        for (Loading loading : Loading.values()) {
            Gguf own = Gguf.open(file, loading);
            MemorySegment data = own.tensor("t").data();
            own.close();
            own.close();
            assertThat(data.scope().isAlive()).isFalse();
            try (Arena arena = Arena.ofShared()) {
                Gguf lent = Gguf.open(file, loading, arena);
                lent.close();
                assertThat(lent.tensor("t").data().mismatch(MemorySegment.ofArray(filled(4, 1))))
                        .isEqualTo(-1);
            }
        }
    }

    @Test
    void pathsThatAreNoModel_areRefused() throws IOException {
        Files.write(temporary.resolve("empty.gguf"), new byte[0]);
        Files.writeString(temporary.resolve("lfs.gguf"), "version https://git-lfs.github.com/spec/v1\noid sha256:00\n");
        Files.createSymbolicLink(temporary.resolve("dangling.gguf"), temporary.resolve("nowhere"));
        for (Loading loading : Loading.values()) {
            refused(() -> Gguf.open(temporary.resolve("empty.gguf"), loading))
                    .hasMessage("empty.gguf: expected a model, found an empty file; download it again");
            refused(() -> Gguf.open(temporary.resolve("none.gguf"), loading))
                    .hasMessage("none.gguf: expected a file at " + temporary.resolve("none.gguf") + ", found nothing");
            refused(() -> Gguf.open(temporary, loading)).hasMessageContaining("found a folder");
            refused(() -> Gguf.open(temporary.resolve("lfs.gguf"), loading)).hasMessageContaining("run git lfs pull");
            refused(() -> Gguf.open(temporary.resolve("dangling.gguf"), loading))
                    .hasMessageContaining("found a symbolic link to nothing");
        }
    }

    private static Gguf read(GgufWriter file) {
        return Gguf.read("x.gguf", MemorySegment.ofArray(file.toBytes()));
    }

    private static AbstractThrowableAssert<?, ?> refused(GgufWriter file) {
        return refused(() -> read(file));
    }

    private static AbstractThrowableAssert<?, ?> refused(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable reading) {
        return assertThatThrownBy(reading).isInstanceOf(ModelFormatException.class);
    }

    private static byte[] filled(int size, int value) {
        byte[] bytes = new byte[size];
        java.util.Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
