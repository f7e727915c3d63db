package dev.hearth.format.packed;

import dev.hearth.format.ModelFormatException;
import dev.hearth.format.StoredTensor;
import dev.hearth.format.TensorEntry;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A weight that several tensors of a file make up.
 *
 * @param entry as the catalogue lists it; its type is what it is presented in
 * @param file name of the file that holds its codes
 * @param parts names of those tensors
 * @param writer fills memory of {@link #bytes()} with the weight
 */
record PackedWeight(TensorEntry entry, String file, Set<String> parts, Consumer<MemorySegment> writer) {
    private static final long MOST_COLUMNS = 1 << 24;

    /** A weight of codes, named {@code typeName} in lists. */
    static PackedWeight of(Parts parts, String name, String typeName, StoredTensor codes, CodedMatrix matrix) {
        return of(parts, name, typeName, codes, matrix.shape(), matrix.type(), to -> RowWriter.write(matrix, to));
    }

    /** A weight that {@code writer} writes. */
    static PackedWeight of(
            Parts parts,
            String name,
            String typeName,
            StoredTensor codes,
            Shape shape,
            DType type,
            Consumer<MemorySegment> writer) {
        var entry = new TensorEntry(name, typeName, Optional.of(type), shape, parts.bytes());
        return new PackedWeight(entry, codes.file(), Set.copyOf(parts.used()), writer);
    }

    /** Bytes of the weight as it is presented. */
    long bytes() {
        return bytes(entry.type().orElseThrow(), entry.shape());
    }

    private static long bytes(DType type, Shape shape) {
        return Math.multiplyExact(type.bytes(shape.width()), shape.rows());
    }

    /** Checks that a shape is that of matrices, none empty, of rows that can be worked on one by one. */
    static Shape checked(StoredTensor codes, long... sizes) {
        long elements = 1;
        for (long size : sizes) {
            if (size < 1 || size > Long.MAX_VALUE / 64 / elements) {
                throw Parts.wrong(codes, "codes for a matrix of at least 1 x 1");
            }
            elements *= size;
        }
        if (sizes.length < 2 || sizes[sizes.length - 1] > MOST_COLUMNS) {
            throw new ModelFormatException(
                    codes.place(),
                    "expected codes for a matrix of at most " + MOST_COLUMNS + " columns, found " + codes.typeName()
                            + " " + codes.shape());
        }
        return Shape.of(sizes);
    }
}
