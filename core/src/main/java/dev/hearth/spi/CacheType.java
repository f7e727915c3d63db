package dev.hearth.spi;

/** How keys and values are kept. */
public enum CacheType {
    /** IEEE 754 binary32: as they are. */
    F32(4, 0),
    /** IEEE 754 binary16. */
    F16(2, 0),
    /** The upper half of a binary32, to nearest with ties to even. */
    BF16(2, 0),
    /** int8 with an F32 scale for each key and each value of a head, rounded as {@link Ops#quantize} rounds a block. */
    INT8(1, 4);

    private final int elementBytes;
    private final int scaleBytes;

    CacheType(int elementBytes, int scaleBytes) {
        this.elementBytes = elementBytes;
        this.scaleBytes = scaleBytes;
    }

    /** Bytes of {@code elements} neighbours of a key or value, without their scale. */
    public long bytes(long elements) {
        return elements * elementBytes;
    }

    /** Bytes of the scale of a key or value; 0 for a type without. */
    public int scaleBytes() {
        return scaleBytes;
    }

    /** Bytes of {@code slots} keys or values of so many elements in a page: the elements of all, then the scales of all. */
    public long pageBytes(long slots, long elements) {
        return slots * (bytes(elements) + scaleBytes);
    }
}
