package dev.hearth.format;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model in GGUF, versions 2 and 3, little-endian (ggml/docs/gguf.md): one file, or the parts that llama-gguf-split makes, any
 * of which stands for all. Every count, length, offset and shape is checked against the file's size when it is opened. Tensors
 * of types that cannot be loaded are listed, and refused only when asked for, so that metadata and vocabulary of any file can
 * be read. Safe for all threads until closed.
 */
public final class Gguf implements TensorCatalog {
    private final GgufPart first;
    private final TensorTable tensors;
    private final @Nullable Arena owned;

    private Gguf(List<GgufPart> parts, @Nullable Arena owned) {
        this.first = parts.getFirst();
        this.tensors = GgufSplit.tensors(parts);
        this.owned = owned;
    }

    /**
     * Opens a file, and those beside it that it is split into; {@link #close()} frees their memory.
     *
     * @throws ModelFormatException if it cannot be read, is not GGUF, is broken, or other parts of it are missing or of another
     *     model
     */
    public static Gguf open(Path file, Loading loading) {
        return ModelBytes.owning(arena -> new Gguf(GgufSplit.open(file, loading, arena), arena));
    }

    /** As {@link #open(Path, Loading)}, in memory that lives as long as {@code arena}, whatever {@link #close()} is told. */
    public static Gguf open(Path file, Loading loading, Arena arena) {
        return new Gguf(GgufSplit.open(file, loading, arena), null);
    }

    /**
     * The content of a file that is in memory already; {@code place} is what messages call it.
     *
     * @throws ModelFormatException if it is not GGUF, is broken, or is one part of several
     */
    public static Gguf read(String place, MemorySegment bytes) {
        return new Gguf(List.of(GgufSplit.whole(GgufPart.read(place, bytes))), null);
    }

    /** The format's version, 2 or 3. */
    public int version() {
        return first.version();
    }

    /** Keys and values; of a split model, those of its first part. */
    public GgufMetadata metadata() {
        return first.metadata();
    }

    @Override
    public String place() {
        return first.place();
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
                .orElseThrow(() ->
                        TensorTable.missing(place(), name, tensors.entries().size()))
                .typeName();
        return GgmlType.valueOf(typeName).id;
    }

    @Override
    public void close() {
        if (owned != null && owned.scope().isAlive()) {
            owned.close();
        }
    }
}
