package dev.hearth.tensor;

import java.util.Arrays;

/** Sizes of the axes, outermost first. Immutable. */
public final class Shape {
    private final long[] sizes;

    private Shape(long[] sizes) {
        this.sizes = sizes;
    }

    /**
     * A shape of the given sizes.
     *
     * @throws IllegalArgumentException if one is negative
     * @throws ArithmeticException if the number of elements exceeds 63 bits
     */
    public static Shape of(long... sizes) {
        long elements = 1;
        for (long size : sizes) {
            if (size < 0) {
                throw new IllegalArgumentException(
                        "shape: expected sizes of at least 0, found " + Arrays.toString(sizes));
            }
            elements = Math.multiplyExact(elements, size);
        }
        return new Shape(sizes.clone());
    }

    /** Number of axes. */
    public int rank() {
        return sizes.length;
    }

    /** Size of an axis; a negative index counts from the innermost, -1. */
    public long size(int axis) {
        return sizes[axis < 0 ? sizes.length + axis : axis];
    }

    /** Size of the innermost axis, 1 for a scalar. */
    public long width() {
        return sizes.length == 0 ? 1 : sizes[sizes.length - 1];
    }

    /** Product of all axes but the innermost. */
    public long rows() {
        long rows = 1;
        for (int i = 0; i < sizes.length - 1; i++) {
            rows *= sizes[i];
        }
        return rows;
    }

    /** Number of elements. */
    public long elements() {
        return rows() * width();
    }

    /** The sizes, a copy. */
    public long[] sizes() {
        return sizes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(sizes, shape.sizes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sizes);
    }

    /** As errors print it: {@code [4096, 1024]}. */
    @Override
    public String toString() {
        return Arrays.toString(sizes);
    }
}
