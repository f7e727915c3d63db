package dev.hearth.format;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A GGUF file, versions 2 and 3, little-endian (ggml/docs/gguf.md). Every count, length, offset and shape is checked against
 * the file's size when it is opened. Tensors of types that cannot be loaded are listed, and refused only when asked for, so
 * that metadata and vocabulary of any file can be read. Safe for all threads until closed.
 */
public final class Gguf implements TensorCatalog {
    static final int MAGIC = 0x46554747; // "GGUF", least byte first
    private static final long DEFAULT_ALIGNMENT = 32;
    private static final long LEAST_ALIGNMENT = 8; // the specification: a multiple of 8
    private static final long MOST_ALIGNMENT = 1 << 20;

    private final String place;
    private final int version;
    private final GgufMetadata metadata;
    private final TensorTable tensors;
    private final @Nullable Arena owned;

    private Gguf(String place, MemorySegment bytes, @Nullable Arena owned) {
        this.place = place;
        this.owned = owned;
        GgufCursor cursor = new GgufCursor(place, bytes.asReadOnly());
        this.version = version(cursor);
        long tensorCount = cursor.count("tensors", GgufTensors.LEAST_BYTES);
        long keyCount = cursor.count("keys", 8 + 4 + 1);
        this.metadata = new GgufMetadata(cursor, keyCount);
        refuseSplit();
        this.tensors = GgufTensors.read(cursor, tensorCount, alignment());
    }

    /**
     * Opens a file; {@link #close()} frees its memory.
     *
     * @throws ModelFormatException if it cannot be read, is not GGUF, is broken, or is one part of a split model
     */
    public static Gguf open(Path file, Loading loading) {
        return ModelBytes.owning(
                arena -> new Gguf(ModelBytes.name(file), ModelBytes.load(file, loading, arena), arena));
    }

    /** As {@link #open(Path, Loading)}, in memory that lives as long as {@code arena}, whatever {@link #close()} is told. */
    public static Gguf open(Path file, Loading loading, Arena arena) {
        return new Gguf(ModelBytes.name(file), ModelBytes.load(file, loading, arena), null);
    }

    /** The content of a file that is in memory already; {@code place} is what messages call it. */
    public static Gguf read(String place, MemorySegment bytes) {
        return new Gguf(place, bytes, null);
    }

    /** The format's version, 2 or 3. */
    public int version() {
        return version;
    }

    /** Keys and values. */
    public GgufMetadata metadata() {
        return metadata;
    }

    @Override
    public String place() {
        return place;
    }

    @Override
    public List<TensorEntry> entries() {
        return tensors.entries();
    }

    @Override
    public Optional<TensorEntry> entry(String name) {
        return tensors.entry(name);
    }

    @Override
    public TensorInfo tensor(String name) {
        return tensors.tensor(name);
    }

    /**
     * ggml's number of a tensor's type.
     *
     * @throws ModelFormatException if there is none of this name
     */
    public int typeId(String name) {
        String typeName = entry(name)
                .orElseThrow(() -> TensorTable.missing(place, name, tensors.entries().size()))
                .typeName();
        return GgmlType.valueOf(typeName).id;
    }

    @Override
    public void close() {
        if (owned != null && owned.scope().isAlive()) {
            owned.close();
        }
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

    private void refuseSplit() {
        OptionalLong parts = metadata.longInteger("split.count");
        if (parts.isPresent() && parts.getAsLong() > 1) {
            throw new ModelFormatException(
                    metadata.at("split.count"),
                    "expected a whole model, found one of " + parts.getAsLong()
                            + " parts, and split files are not supported yet; join them with llama-gguf-split --merge");
        }
    }

    private long alignment() {
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
