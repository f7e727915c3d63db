package dev.hearth.format;

import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;

/**
 * One GGUF file, read and checked: a whole model, or a part of one that {@link GgufSplit} puts together.
 *
 * @param place the file's name
 * @param version 2 or 3
 * @param metadata its keys and values
 * @param tensors its own tensors
 */
record GgufPart(String place, int version, GgufMetadata metadata, TensorTable tensors) {
    static final int MAGIC = 0x46554747; // "GGUF", least byte first
    private static final long DEFAULT_ALIGNMENT = 32;
    private static final long LEAST_ALIGNMENT = 8; // the specification: a multiple of 8
    private static final long MOST_ALIGNMENT = 1 << 20;

    /** The file with this content. @throws ModelFormatException if it is not GGUF or broken */
    static GgufPart read(String place, MemorySegment bytes) {
        GgufCursor cursor = new GgufCursor(place, bytes.asReadOnly());
        int version = version(cursor);
        long tensorCount = cursor.count("tensors", GgufTensors.LEAST_BYTES);
        long keyCount = cursor.count("keys", 8 + 4 + 1);
        GgufMetadata metadata = new GgufMetadata(cursor, keyCount);
        return new GgufPart(place, version, metadata, GgufTensors.read(cursor, tensorCount, alignment(metadata)));
    }

    /** How many files the model is split into; 1 for a whole one. */
    int count() {
        return (int) split(GgufSplit.COUNT, 0, GgufSplit.MOST_PARTS).orElse(1);
    }

    /** Its index among the parts, from 0. */
    OptionalLong index() {
        return split("split.no", 0, GgufSplit.MOST_PARTS - 1);
    }

    /** How many tensors all parts have together. */
    OptionalLong modelTensors() {
        return split("split.tensors.count", 0, TensorTable.MOST_TENSORS);
    }

    private OptionalLong split(String key, long least, long most) {
        OptionalLong value = metadata.longInteger(key);
        if (value.isPresent() && (value.getAsLong() < least || value.getAsLong() > most)) {
            throw new ModelFormatException(
                    metadata.at(key), "expected " + least + " to " + most + ", found " + value.getAsLong());
        }
        return value;
    }

    private static int version(GgufCursor cursor) {
        int magic = (int) cursor.uint32("the magic number");
        if (magic != MAGIC) {
            throw new ModelFormatException(
                    cursor.place(), "expected a GGUF file, which begins with \"GGUF\", found " + hex(magic));
        }
        long version = cursor.uint32("the version");
        if (version == 2 || version == 3) {
            return (int) version;
        }
        boolean swapped = (version & 0xffff) == 0 && version != 0;
        throw new ModelFormatException(
                cursor.place(),
                "expected GGUF version 2 or 3, found "
                        + (swapped
                                ? "a big-endian file; convert it with gguf-convert-endian"
                                : version + "; convert it"));
    }

    private static String hex(int magic) {
        return "bytes %08x".formatted(Integer.reverseBytes(magic));
    }

    private static long alignment(GgufMetadata metadata) {
        long alignment = metadata.longInteger("general.alignment").orElse(DEFAULT_ALIGNMENT);
        if (alignment < LEAST_ALIGNMENT || alignment > MOST_ALIGNMENT || Long.bitCount(alignment) != 1) {
            throw new ModelFormatException(
                    metadata.at("general.alignment"),
                    "expected a power of two from " + LEAST_ALIGNMENT + " to " + MOST_ALIGNMENT + ", found "
                            + alignment);
        }
        return alignment;
    }
}
