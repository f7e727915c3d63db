package dev.hearth.format;

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
     * @throws ModelFormatException if there is none of this name, its type cannot be loaded, or it is stored in parts
     */
    TensorInfo tensor(String name);

    /**
     * A tensor as the pieces in which it is stored, along its outermost axis and in order. Nearly always one, the tensor
     * itself. Where a file keeps the experts of a layer apart: one an expert, without the outermost axis.
     *
     * @throws ModelFormatException if there is none of this name or its type cannot be loaded
     */
    default List<TensorInfo> parts(String name) {
        return List.of(tensor(name));
    }

    /**
     * Frees the memory if this catalogue owns it; otherwise does nothing. Any thread may close, once no other one reads.
     *
     * @throws IllegalStateException if a native call is reading at this moment
     */
    @Override
    void close();
}
