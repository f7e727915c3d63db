package dev.hearth.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
    /** A tensor that is to be written: its content follows from the seed. */
    record Content(SafetensorsType type, List<Integer> sizes, long seed) {
        byte[] bytes() {
            byte[] bytes = new byte[(int) (Shape.of(shape()).elements() * type.bits / 8)];
            new Random(seed).nextBytes(bytes);
            return bytes;
        }

        long[] shape() {
            return sizes.stream().mapToLong(Integer::longValue).toArray();
        }
    }

    @Property(tries = 300)
    void tensors_areReadAsWritten(
            @ForAll("tensors") Map<String, Content> tensors, @ForAll("notes") Map<String, String> notes) {
        SafetensorsWriter writer = new SafetensorsWriter();
        tensors.forEach((name, t) -> writer.tensor(name, t.type.name(), t.bytes(), t.shape()));
        List<String> members = new ArrayList<>();
        notes.forEach((k, v) -> members.add(SafetensorsWriter.quoted(k) + ": " + SafetensorsWriter.quoted(v)));
        writer.member("\"__metadata__\":{" + String.join(" , ", members) + "}");
        Safetensors read = read(writer.toBytes());
        assertThat(read.metadata()).containsExactlyEntriesOf(notes);
        assertThat(read.entries().stream().map(TensorEntry::name)).containsExactlyElementsOf(tensors.keySet());
        tensors.forEach((name, t) -> {
            TensorEntry entry = read.entry(name).orElseThrow();
            assertThat(entry.typeName()).isEqualTo(t.type.name());
            assertThat(entry.shape()).isEqualTo(Shape.of(t.shape()));
            if (t.type.loadable().isPresent()) {
                assertThat(read.tensor(name).data().mismatch(MemorySegment.ofArray(t.bytes())))
                        .isEqualTo(-1);
            }
        });
    }

    @Provide
    Arbitrary<Map<String, Content>> tensors() {
        Arbitrary<Content> content = Combinators.combine(
                        Arbitraries.of(SafetensorsType.class),
                        Arbitraries.integers().between(0, 4).list().ofMaxSize(5),
                        Arbitraries.longs())
                .as(Content::new)
                .filter(c -> Shape.of(c.shape()).elements() * c.type.bits % 8 == 0);
        return Arbitraries.maps(names().filter(n -> !n.equals("__metadata__")), content)
                .ofMaxSize(8);
    }

    @Provide
    Arbitrary<Map<String, String>> notes() {
        return Arbitraries.maps(names(), names()).ofMaxSize(4);
    }

    private static Arbitrary<String> names() {
        return Arbitraries.strings()
                .withChars("ab._0")
                .withCharRange('\0', '\ud7ff')
                .ofMaxLength(8);
    }

    @Test
    void order_inTheHeaderIsFree() {
        byte[] data = {1, 2, 3, 4, 5, 6};
        Safetensors read = read(new SafetensorsWriter()
                .described("b", "BF16", 4, 6, 1)
                .described("a", "F32", 0, 4, 1)
                .content(data)
                .toBytes());
        assertThat(read.entries().stream().map(TensorEntry::name)).containsExactly("b", "a");
        assertThat(read.tensor("b").data().mismatch(MemorySegment.ofArray(new byte[] {5, 6})))
                .isEqualTo(-1);
        assertThat(read.tensor("b").data().isReadOnly()).isTrue();
        assertThat(read.tensor("b").place()).isEqualTo("x.safetensors: b");
    }

    @Test
    void membersThatAreUnknown_arePassedOver() {
        byte[] file = SafetensorsWriter.file(
                "{\"a\":{\"new\":{\"x\":[1,{}]},\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[0,2]}}   \n",
                new byte[2]);
        assertThat(read(file).tensor("a").shape()).isEqualTo(Shape.of());
    }

    @Test
    void typeThatIsNotLoaded_isRefusedWhenAskedFor() {
        Safetensors read = read(new SafetensorsWriter()
                .tensor("eight", "F8_E4M3", new byte[6], 2, 3)
                .tensor("later", "F3_NEW", new byte[5], 7)
                .toBytes());
        assertThat(read.entry("later").orElseThrow().bytes()).isEqualTo(5);
        refused(() -> read.tensor("eight"))
                .hasMessage(
                        "x.safetensors: eight: expected one of the types F16, BF16, I32, F32, found F8_E4M3; use a file"
                                + " in one of these");
        refused(() -> read.tensor("later")).hasMessageContaining("found F3_NEW");
        refused(() -> read.tensor("none"))
                .hasMessage("x.safetensors: none: expected a tensor of this name, found none among 2");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7})
    void filesTooShort_areRefused(int size) {
        refused(() -> read(new byte[size])).hasMessageContaining("of at least 8 bytes, found " + size);
    }

    @ParameterizedTest
    @CsvSource({
        "-1, at most 100000000 bytes",
        "100000001, at most 100000000 bytes",
        "9223372036854775807, at most 100000000 bytes",
        "100000000, found 2",
        "3, found 2",
        "0, begins with {",
    })
    void headerOfALyingSize_isRefused(long size, String expected) {
        byte[] file = new LittleEndian().int64(size).int8('{').int8('}').toBytes();
        refused(() -> read(file)).hasMessageContaining(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "[]; begins with {",
                "{; JSON",
                "{} {}; nothing after",
                "{\"a\":1}; x.safetensors: a: expected an object, found \"1\"",
                "{\"a\":{}}; expected dtype, shape and two data_offsets",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}; two data_offsets",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}; two data_offsets",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}; at most 2 elements",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4.0]}}; expected integers",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}; at least 0, found -1",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}}; JSON",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,4]}}; product is at most",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387905],\"data_offsets\":[0,4]}}; product is at most",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[0,4611686018427387904],\"data_offsets\":[0,0]}}; product is at most",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[144115188075855871],\"data_offsets\":[0,4]}}; the bytes of F32",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}; the bytes of F32 [2], found 4",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}; without a hole",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}; without a hole",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}; expected 3 bytes of data, found 4",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[5],\"data_offsets\":[0,5]}}; cut short",
                "{\"a\":{\"dtype\":\"F4\",\"shape\":[1],\"data_offsets\":[0,4]}}; the bytes of F4",
                "{\"a\":{\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,4]}}; expected a string",
                "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}; Duplicate",
                "{\"__metadata__\":{\"a\":1}}; x.safetensors: __metadata__: expected a string",
                "{\"__metadata__\":[]}; __metadata__: expected an object",
            })
    void header_thatIsWrong_isRefused(String header, String expected) {
        refused(() -> read(SafetensorsWriter.file(header, new byte[4]))).hasMessageContaining(expected);
    }

    @Test
    void tensorsThatOverlapOrShareAName_areRefused() {
        refused(() -> read(new SafetensorsWriter()
                        .described("a", "F32", 0, 4, 1)
                        .described("b", "F32", 2, 6, 1)
                        .content(new byte[6])
                        .toBytes()))
                .hasMessage(
                        "x.safetensors: b: expected data from 4 on, without a hole or an overlap, found data_offsets"
                                + " [2, 6]");
        refused(() -> read(new SafetensorsWriter()
                        .tensor("a", "U8", new byte[1], 1)
                        .tensor("a", "U8", new byte[1], 1)
                        .toBytes()))
                .hasMessageContaining("x.safetensors: expected JSON: Duplicate");
    }

    @Test
    void tensorThatEndsBeforeItBegins_isRefused() { // or the file could seem to end where the one before does not
        refused(() -> read(new SafetensorsWriter()
                        .described("a", "U8", 0, 4, 4)
                        .described("b", "F3_NEW", 4, 2, 1)
                        .content(new byte[2])
                        .toBytes()))
                .hasMessageContaining("x.safetensors: b: expected data from 4 on");
    }

    @Test
    void header_thatIsNotUtf8_isRefused() {
        byte[] file = SafetensorsWriter.file("{\"a?\":1}", new byte[0]);
        file[11] = (byte) 0xff;
        refused(() -> read(file)).hasMessage("x.safetensors: expected UTF-8, found something else");
    }

    private static Safetensors read(byte[] file) {
        return Safetensors.read("x.safetensors", MemorySegment.ofArray(file));
    }

    private static AbstractThrowableAssert<?, ?> refused(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable reading) {
        return assertThatThrownBy(reading).isInstanceOf(ModelFormatException.class);
    }
}
