package dev.hearth.format.packed;

import dev.hearth.format.ModelFormatException;
import dev.hearth.format.SafetensorsFolder;
import dev.hearth.format.StoredTensor;
import dev.hearth.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The tensors that a weight is packed in, each asked for by the ending of its name; remembers which were. */
final class Parts {
    private final SafetensorsFolder files;
    private final String stem;
    private final Map<String, StoredTensor> used = new LinkedHashMap<>();

    Parts(SafetensorsFolder files, String stem) {
        this.files = files;
        this.stem = stem;
    }

    /** The name with this ending. */
    String name(String ending) {
        return stem + ending;
    }

    /** Whether there is a tensor whose name has this ending. */
    boolean has(String ending) {
        return files.entry(name(ending)).isPresent();
    }

    /** The tensor whose name has this ending, if there is one. */
    Optional<StoredTensor> find(String ending) {
        Optional<StoredTensor> tensor = files.stored(name(ending));
        tensor.ifPresent(t -> used.put(t.name(), t));
        return tensor;
    }

    /** The tensor whose name has this ending instead of {@code own}, which the names here begin with, if there is one. */
    Optional<StoredTensor> findBeside(String own, String ending) {
        Optional<StoredTensor> tensor = files.stored(stem.substring(0, stem.length() - own.length()) + ending);
        tensor.ifPresent(t -> used.put(t.name(), t));
        return tensor;
    }

    /** The tensor whose name has this ending, of one of these types. */
    StoredTensor require(String ending, String... types) {
        StoredTensor tensor = find(ending)
                .orElseThrow(() -> new ModelFormatException(
                        files.place() + ": " + name(ending),
                        "expected this part of a packed weight, found none; download the model again"));
        if (!List.of(types).contains(tensor.typeName())) {
            throw wrong(tensor, String.join(" or ", types));
        }
        return tensor;
    }

    /** As {@link #require(String, String...)}, of this shape. */
    StoredTensor require(String ending, Shape shape, String... types) {
        StoredTensor tensor = require(ending, types);
        if (!tensor.shape().equals(shape)) {
            throw wrong(tensor, shape.toString());
        }
        return tensor;
    }

    /** A matrix none of whose sizes is 0. */
    StoredTensor requireMatrix(String ending, String... types) {
        StoredTensor tensor = require(ending, types);
        if (tensor.shape().rank() != 2 || tensor.shape().elements() == 0) {
            throw wrong(tensor, "a matrix of at least 1 x 1");
        }
        return tensor;
    }

    /** The error for a part of the wrong kind. */
    static ModelFormatException wrong(StoredTensor found, String expected) {
        return new ModelFormatException(
                found.place(), "expected " + expected + ", found " + found.typeName() + " " + found.shape());
    }

    /** Names of the tensors found so far. */
    Set<String> used() {
        return used.keySet();
    }

    /** Their bytes in the file. */
    long bytes() {
        return used.values().stream().mapToLong(t -> t.data().byteSize()).sum();
    }
}
