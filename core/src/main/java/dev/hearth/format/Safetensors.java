package dev.hearth.format;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One safetensors file (huggingface/safetensors, format 1). The whole header is held against the file's size when it is
 * opened. Tensors of types that cannot be loaded are listed, and refused only when asked for. Safe for all threads until
 * closed. A model in several such files is a {@link SafetensorsFolder}.
 */
public final class Safetensors implements TensorCatalog {
    private final String place;
    private final Map<String, String> metadata;
    private final TensorTable tensors;
    private final @Nullable Arena owned;

    private Safetensors(String place, MemorySegment bytes, @Nullable Arena owned) {
        var header = new SafetensorsHeader(place, bytes.asReadOnly());
        this.place = place;
        this.owned = owned;
        this.metadata = header.metadata();
        this.tensors = new TensorTable(place, SafetensorsType.LOADABLE, header.tensors());
    }

    /**
     * Opens a file; {@link #close()} frees its memory.
     *
     * @throws ModelFormatException if it cannot be read, is not safetensors or is broken
     */
    public static Safetensors open(Path file, Loading loading) {
        return ModelBytes.owning(
                arena -> new Safetensors(ModelBytes.name(file), ModelBytes.load(file, loading, arena), arena));
    }

    /** As {@link #open(Path, Loading)}, in memory that lives as long as {@code arena}, whatever {@link #close()} is told. */
    public static Safetensors open(Path file, Loading loading, Arena arena) {
        return new Safetensors(ModelBytes.name(file), ModelBytes.load(file, loading, arena), null);
    }

    /** The content of a file that is in memory already; {@code place} is what messages call it. */
    public static Safetensors read(String place, MemorySegment bytes) {
        return new Safetensors(place, bytes, null);
    }

    /** What the writer noted under {@code __metadata__}, empty if nothing. */
    public Map<String, String> metadata() {
        return metadata;
    }

    List<TensorTable.Stored> stored() {
        return tensors.stored();
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

    @Override
    public void close() {
        if (owned != null && owned.scope().isAlive()) {
            owned.close();
        }
    }
}
