package dev.hearth.format;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;

/**
 * The tensors of a model, by name. Immutable and safe for all threads; after {@link #close()} no tensor's data may be
 * touched.
 */
public interface TensorCatalog extends AutoCloseable {
    /** Name of the file or folder, for messages. */
    String place();

    /** Every tensor in the order of the file, loadable or not. */
    List<TensorEntry> entries();

    /** The line of one tensor, empty if there is none of this name. */
    Optional<TensorEntry> entry(String name);

    /**
     * A tensor.
     *
     * @throws ModelFormatException if there is none of this name, its type cannot be loaded, it is stored in parts, or it is
     *     no tensor of a file and has to be made in memory
     */
    TensorInfo tensor(String name);

    /**
     * A tensor. One that no file has as it is, such as a weight that is stored packed, is made in {@code memory}, which other
     * threads may use too; the others stay where they lie.
     *
     * @throws ModelFormatException if there is none of this name, it cannot be loaded, its parts don't fit together, or it
     *     doesn't fit into memory
     */
    default TensorInfo tensor(String name, Arena memory) {
        return tensor(name);
    }

    /**
     * A tensor as the pieces in which it is stored, along its outermost axis and in order. Nearly always one, the tensor
     * itself. Where a file keeps the experts of a layer apart: one an expert, without the outermost axis. What has to be made
     * is made in {@code memory}.
     *
     * @throws ModelFormatException if there is none of this name or its type cannot be loaded
     */
    default List<TensorInfo> parts(String name, Arena memory) {
        return List.of(tensor(name, memory));
    }

    /** The same tensors without an encoding that was chosen for memory's or speed's sake; closed with this one. */
    default TensorCatalog plain() {
        return this;
    }

    /** Bytes of memory that it takes to make every tensor that no file has as it is. */
    default long madeBytes() {
        return 0;
    }

    /**
     * Frees the memory if this catalogue owns it; otherwise does nothing. Any thread may close, once no other one reads.
     *
     * @throws IllegalStateException if a native call is reading at this moment
     */
    @Override
    void close();
}
