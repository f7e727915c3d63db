package dev.hearth.format;

import dev.hearth.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The tensor descriptions of a GGUF file, read and held against the bytes that are there. */
final class GgufTensors {
    /** A description in its least form: an empty name, no dimensions, type, offset. */
    static final int LEAST_BYTES = 8 + 4 + 4 + 8;

    /** {@code GGML_MAX_DIMS}. */
    private static final int MOST_DIMENSIONS = 4;

    private GgufTensors() {}

    private record Described(String name, int typeId, Optional<GgmlType> type, Shape shape, long offset) {
        String typeName() {
            return type.map(Enum::name).orElse("ggml type " + typeId);
        }
    }

    /** The table of {@code count} tensors described from the cursor on; their data begins behind, aligned. */
    static TensorTable read(GgufCursor cursor, long count, long alignment) {
        if (count > TensorTable.MOST_TENSORS) {
            throw cursor.broken("expected at most " + TensorTable.MOST_TENSORS + " tensors, found " + count);
        }
        List<Described> described = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            described.add(describe(cursor, i));
        }
        MemorySegment bytes = cursor.bytes();
        long dataStart = (cursor.position() + alignment - 1) & -alignment;
        // without data there is no padding before it either
        dataStart = Math.min(dataStart, bytes.byteSize());
        long[] sizes = sizes(cursor.place(), described, bytes.byteSize() - dataStart, alignment);
        List<TensorTable.Stored> stored = new ArrayList<>(described.size());
        for (int i = 0; i < sizes.length; i++) {
            Described d = described.get(i);
            var entry = new TensorEntry(d.name, d.typeName(), d.type.flatMap(GgmlType::loadable), d.shape, sizes[i]);
            stored.add(new TensorTable.Stored(entry, bytes, dataStart + d.offset, cursor.place()));
        }
        return new TensorTable(cursor.place(), GgmlType.LOADABLE, stored);
    }

    /** Bytes of each tensor, once all are shown to lie within the data, none over another. */
    private static long[] sizes(String file, List<Described> described, long dataBytes, long alignment) {
        Integer[] byOffset = new Integer[described.size()];
        Arrays.setAll(byOffset, i -> i);
        Arrays.sort(byOffset, Comparator.comparingLong(i -> described.get(i).offset));
        long[] sizes = new long[byOffset.length];
        String before = "";
        long end = 0;
        for (int i = 0; i < sizes.length; i++) {
            Described d = described.get(byOffset[i]);
            String place = file + ": " + TensorTable.shown(d.name);
            long next = i + 1 < sizes.length ? Math.min(described.get(byOffset[i + 1]).offset, dataBytes) : dataBytes;
            long size = check(place, d, dataBytes, next, alignment);
            if (size > 0 && d.offset < end) {
                throw new ModelFormatException(
                        place, "expected data of its own, found it overlapping that of " + TensorTable.shown(before));
            }
            if (size > 0) {
                end = d.offset + size;
                before = d.name;
            }
            sizes[byOffset[i]] = size;
        }
        return sizes;
    }

    private static Described describe(GgufCursor cursor, long index) {
        String name = cursor.name("tensor " + index);
        String shown = TensorTable.shown(name);
        long rank = cursor.uint32("the rank of " + shown);
        if (rank > MOST_DIMENSIONS) {
            throw cursor.broken("expected at most " + MOST_DIMENSIONS + " dimensions for " + shown + ", found " + rank);
        }
        long[] sizes = new long[(int) rank];
        for (int i = sizes.length - 1; i >= 0; i--) { // the file has them innermost first
            sizes[i] = cursor.int64("a dimension of " + shown);
        }
        Shape shape = TensorTable.shape(cursor.place() + ": " + shown, sizes);
        int type = (int) cursor.uint32("the type of " + shown);
        return new Described(name, type, GgmlType.of(type), shape, cursor.int64("the offset of " + shown));
    }

    /** The tensor's size in bytes, once it is shown to lie within the data. */
    private static long check(String place, Described d, long dataBytes, long next, long alignment) {
        if (d.offset < 0 || d.offset > dataBytes) {
            throw new ModelFormatException(
                    place,
                    "expected its data within the " + dataBytes + " bytes of the file's data, found offset "
                            + Long.toUnsignedString(d.offset) + "; the file is broken or cut short");
        }
        if (d.offset % alignment != 0) {
            throw new ModelFormatException(
                    place, "expected an offset that is a multiple of " + alignment + ", found " + d.offset);
        }
        if (d.type.isEmpty()) {
            return next - d.offset;
        }
        GgmlType type = d.type.get();
        if (d.shape.width() % type.blockSize != 0) {
            throw new ModelFormatException(
                    place,
                    "expected rows of a multiple of " + type.blockSize + " elements for " + type + ", found "
                            + d.shape);
        }
        long blocks = d.shape.elements() / type.blockSize;
        if (blocks > (dataBytes - d.offset) / type.blockBytes) {
            throw new ModelFormatException(
                    place,
                    "expected data for " + type + " " + d.shape + " at offset " + d.offset + ", found "
                            + (dataBytes - d.offset) + " bytes; the file is broken or cut short");
        }
        return blocks * type.blockBytes;
    }
}
