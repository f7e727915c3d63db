package dev.hearth.format;

import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The header of a safetensors file: a 64-bit count of bytes, then JSON of that size, then data without holes. The rules are
 * those of the reference implementation ({@code SafeTensors::read_metadata} and {@code Metadata::validate}).
 */
final class SafetensorsHeader {
    private static final long MOST_HEADER_BYTES = 100_000_000; // MAX_HEADER_SIZE
    private static final int MOST_DIMENSIONS = 64;
    private static final String METADATA = "__metadata__";

    private record Described(String name, String typeName, Shape shape, long begin, long end) {}

    private final String place;
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final List<Described> described = new ArrayList<>();
    private final MemorySegment bytes;
    private final long dataStart;

    SafetensorsHeader(String place, MemorySegment bytes) {
        this.place = place;
        this.bytes = bytes;
        byte[] json = json(place, bytes);
        dataStart = 8L + json.length;
        JsonCursor.read(place, json, this::member);
        checkData();
    }

    Map<String, String> metadata() {
        return Collections.unmodifiableMap(metadata);
    }

    /** The tensors in the order of the header. */
    List<TensorTable.Stored> tensors() {
        List<TensorTable.Stored> stored = new ArrayList<>(described.size());
        for (Described d : described) {
            Optional<DType> type = SafetensorsType.of(d.typeName).flatMap(SafetensorsType::loadable);
            var entry = new TensorEntry(d.name, d.typeName, type, d.shape, d.end - d.begin);
            stored.add(new TensorTable.Stored(entry, bytes, dataStart + d.begin, place));
        }
        return stored;
    }

    private static byte[] json(String place, MemorySegment bytes) {
        long left = bytes.byteSize() - 8;
        if (left < 0) {
            throw new ModelFormatException(
                    place,
                    "expected a safetensors file of at least 8 bytes, found " + bytes.byteSize()
                            + "; download it again");
        }
        long count = bytes.get(GgufCursor.LONG, 0);
        if (count < 0 || count > MOST_HEADER_BYTES) {
            throw new ModelFormatException(
                    place,
                    "expected a safetensors header of at most " + MOST_HEADER_BYTES + " bytes, found "
                            + Long.toUnsignedString(count) + "; it is another kind of file or broken");
        }
        if (count > left) {
            throw new ModelFormatException(
                    place, "expected a header of " + count + " bytes, found " + left + "; the file is cut short");
        }
        byte[] json = bytes.asSlice(8, count).toArray(ValueLayout.JAVA_BYTE);
        if (json.length == 0 || json[0] != '{') {
            throw new ModelFormatException(place, "expected a header that begins with {, found something else");
        }
        return json;
    }

    private void member(JsonCursor cursor, String name) {
        if (name.equals(METADATA)) {
            cursor.object(METADATA, key -> metadata.put(key, cursor.string(METADATA)));
            return;
        }
        if (described.size() == TensorTable.MOST_TENSORS) {
            throw new ModelFormatException(
                    place, "expected at most " + TensorTable.MOST_TENSORS + " tensors, found more");
        }
        described.add(new Members(TensorTable.shown(name)).read(cursor, name));
    }

    /** The members of one tensor while they are read. */
    private final class Members {
        private final String shown;
        private @Nullable String type;
        private long @Nullable [] sizes;
        private long @Nullable [] offsets;

        Members(String shown) {
            this.shown = shown;
        }

        Described read(JsonCursor cursor, String name) {
            cursor.object(shown, member -> {
                switch (member) {
                    case "dtype" -> type = cursor.string(shown + ".dtype");
                    case "shape" -> sizes = cursor.sizes(shown + ".shape", MOST_DIMENSIONS);
                    case "data_offsets" -> offsets = cursor.sizes(shown + ".data_offsets", 2);
                    default -> cursor.skip();
                }
            });
            String at = place + ": " + shown;
            if (type == null || sizes == null || offsets == null || offsets.length != 2) {
                throw new ModelFormatException(at, "expected dtype, shape and two data_offsets, found less");
            }
            return new Described(name, type, TensorTable.shape(at, sizes), offsets[0], offsets[1]);
        }
    }

    /** Each tensor must begin where the one before ended, the last one end with the file, and sizes agree with shapes. */
    private void checkData() {
        List<Described> byOffset = new ArrayList<>(described);
        byOffset.sort(Comparator.comparingLong(Described::begin).thenComparingLong(Described::end));
        long end = 0;
        for (Described d : byOffset) {
            String at = place + ": " + TensorTable.shown(d.name);
            if (d.begin != end || d.end < d.begin) {
                throw new ModelFormatException(
                        at,
                        "expected data from " + end + " on, without a hole or an overlap, found data_offsets ["
                                + d.begin + ", " + d.end + "]");
            }
            end = d.end;
            checkSize(at, d);
        }
        long found = bytes.byteSize() - dataStart;
        if (end != found) {
            throw new ModelFormatException(
                    place,
                    "expected " + end + " bytes of data, found " + found
                            + (found < end ? "; the file is cut short, download it again" : ""));
        }
    }

    private static void checkSize(String at, Described d) {
        Optional<SafetensorsType> type = SafetensorsType.of(d.typeName);
        if (type.isEmpty()) {
            return; // a type newer than this reader: its size is what the offsets say
        }
        long bytes = d.end - d.begin;
        long bits = d.shape.elements() * type.get().bits;
        boolean fits = bits % 8 == 0 && bits / 8 == bytes;
        if (!fits) {
            throw new ModelFormatException(
                    at, "expected the bytes of " + d.typeName + " " + d.shape + ", found " + bytes);
        }
    }
}
