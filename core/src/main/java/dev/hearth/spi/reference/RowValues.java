package dev.hearth.spi.reference;

import dev.hearth.spi.host.HostWeight;

/** The rows of a weight as the F32 values that they stand for. Keeps scratch memory: one thread at a time. */
public final class RowValues {
    private final BlockRow row;

    /**
     * Reads the rows of a weight in host memory.
     *
     * @throws IllegalArgumentException if its type stands for no values
     */
    public RowValues(HostWeight weight) {
        row = switch (weight.type()) {
            case I32, A8_32, A8_256 ->
                throw new IllegalArgumentException(
                        weight.name() + ": expected a weight of floating-point numbers, found " + weight.type());
            default -> new BlockRow(weight);
        };
    }

    /** The values of one row into the beginning of {@code out}. */
    public void read(long index, float[] out) {
        row.values(index, out);
    }
}
