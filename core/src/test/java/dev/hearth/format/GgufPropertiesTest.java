package dev.hearth.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.tensor.DType;
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

/** What is written is what is read. */
class GgufPropertiesTest {
    /** A metadata value as the writer takes it, and what it should be read as. */
    record Value(GgufType type, Object written, Json read) {}

    /** A tensor that is to be written: its content follows from the seed. */
    record Content(GgmlType type, List<Integer> sizes, long seed) {
        byte[] bytes() {
            byte[] bytes = new byte[(int) (elements() / type.blockSize * type.blockBytes)];
            new Random(seed).nextBytes(bytes);
            return bytes;
        }

        long[] shape() {
            long[] shape = sizes.stream().mapToLong(Integer::longValue).toArray();
            if (shape.length > 0) {
                shape[shape.length - 1] *= type.blockSize;
            }
            return shape;
        }

        private long elements() {
            long elements = 1;
            for (long size : shape()) {
                elements *= size;
            }
            return elements;
        }
    }

    @Property(tries = 300)
    void metadata_isReadAsWritten(@ForAll("metadata") Map<String, Value> metadata) {
        GgufWriter writer = new GgufWriter();
        metadata.forEach((key, value) -> writer.value(key, value.type, value.written));
        GgufMetadata read =
                Gguf.read("x", MemorySegment.ofArray(writer.toBytes())).metadata();
        assertThat(read.keys()).containsExactlyElementsOf(metadata.keySet());
        metadata.forEach((key, value) -> assertThat(read.json(key)).hasValue(value.read));
    }

    @Property(tries = 300)
    void tensors_areReadAsWritten(
            @ForAll("tensors") Map<String, Content> tensors, @ForAll("alignments") long alignment) {
        GgufWriter writer = new GgufWriter().alignment(alignment);
        tensors.forEach((name, t) -> writer.tensor(name, t.type.id, t.bytes(), t.shape()));
        Gguf read = Gguf.read("x", MemorySegment.ofArray(writer.toBytes()));
        assertThat(read.entries().stream().map(TensorEntry::name)).containsExactlyElementsOf(tensors.keySet());
        tensors.forEach((name, t) -> {
            TensorEntry entry = read.entry(name).orElseThrow();
            assertThat(entry.typeName()).isEqualTo(t.type.name());
            assertThat(entry.shape()).isEqualTo(Shape.of(t.shape()));
            assertThat(entry.bytes()).isEqualTo(t.bytes().length);
            if (t.type.loadable().isPresent()) {
                DType type = t.type.loadable().orElseThrow();
                assertThat(type.blockSize()).isEqualTo(t.type.blockSize);
                assertThat(type.blockBytes()).isEqualTo(t.type.blockBytes);
                assertThat(read.tensor(name).data().mismatch(MemorySegment.ofArray(t.bytes())))
                        .isEqualTo(-1);
            }
        });
    }

    @Provide
    Arbitrary<Map<String, Value>> metadata() {
        return Arbitraries.maps(names().filter(n -> !n.equals("general.alignment")), values())
                .ofMaxSize(12);
    }

    @Provide
    Arbitrary<Map<String, Content>> tensors() {
        Arbitrary<Content> content = Combinators.combine(
                        Arbitraries.of(GgmlType.class),
                        Arbitraries.integers().between(0, 4).list().ofMaxSize(4),
                        Arbitraries.longs())
                .as(Content::new)
                // a scalar has no row that could fill a block
                .filter(c -> c.type.blockSize == 1 || !c.sizes.isEmpty());
        return Arbitraries.maps(names(), content).ofMaxSize(8);
    }

    @Provide
    Arbitrary<Long> alignments() {
        return Arbitraries.of(8L, 16L, 32L, 64L, 256L);
    }

    private static Arbitrary<String> names() {
        return Arbitraries.oneOf(
                Arbitraries.strings().withChars("abc._0").ofMaxLength(12),
                Arbitraries.strings().withCharRange('\0', '\ud7ff').ofMaxLength(5));
    }

    private static Arbitrary<Value> values() {
        return Arbitraries.oneOf(scalars(), arrays(scalars()), arrays(arrays(scalars())));
    }

    /** Arrays of what shares the first element's kind. */
    private static Arbitrary<Value> arrays(Arbitrary<Value> elements) {
        return elements.list().ofMaxSize(6).map(list -> {
            GgufType type = list.isEmpty() ? GgufType.UINT32 : list.get(0).type;
            List<Object> written = new ArrayList<>();
            List<Json> read = new ArrayList<>();
            for (Value value : list) {
                if (value.type == type) {
                    written.add(value.written);
                    read.add(value.read);
                }
            }
            return new Value(GgufType.ARRAY, new GgufWriter.Array(type, written), new Json.Arr(read));
        });
    }

    private static Arbitrary<Value> scalars() {
        return Arbitraries.oneOf(
                integers(GgufType.UINT8, 0, 255),
                integers(GgufType.INT8, -128, 127),
                integers(GgufType.UINT16, 0, 65_535),
                integers(GgufType.INT16, -32_768, 32_767),
                integers(GgufType.UINT32, 0, 0xffff_ffffL),
                integers(GgufType.INT32, Integer.MIN_VALUE, Integer.MAX_VALUE),
                integers(GgufType.UINT64, 0, Long.MAX_VALUE),
                integers(GgufType.INT64, Long.MIN_VALUE, Long.MAX_VALUE),
                Arbitraries.floats().map(f -> new Value(GgufType.FLOAT32, f, new Json.Real(f))),
                Arbitraries.doubles().map(d -> new Value(GgufType.FLOAT64, d, new Json.Real(d))),
                Arbitraries.of(true, false).map(b -> new Value(GgufType.BOOL, b, new Json.Bool(b))),
                names().map(s -> new Value(GgufType.STRING, s, new Json.Str(s))));
    }

    private static Arbitrary<Value> integers(GgufType type, long least, long most) {
        return Arbitraries.longs().between(least, most).map(v -> new Value(type, v, new Json.Int(v)));
    }
}
