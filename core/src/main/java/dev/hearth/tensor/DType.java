package dev.hearth.tensor;

/**
 * How elements lie in memory, little-endian. A plain type has one element a block; a block-quantised type stores
 * {@link #blockSize()} neighbouring elements of a row together, as ggml lays them out (ggml-common.h).
 */
public enum DType {
    /** IEEE 754 binary32. */
    F32(1, 4),
    /** IEEE 754 binary16. */
    F16(1, 2),
    /** The upper half of a binary32. */
    BF16(1, 2),
    /** Signed 32-bit integer. */
    I32(1, 4),
    /** 32 int8 with an f16 scale before them: {@code d * q}. */
    Q8_0(32, 34),
    /** 32 nibbles with an f16 scale before them: {@code d * (q - 8)}; element i in the low, i + 16 in the high nibble of byte i. */
    Q4_0(32, 18),
    /** 256 nibbles in 8 groups with 6-bit scales and minima under an f16 scale each: {@code d * sc * q - dmin * m}. */
    Q4_K(256, 144),
    /** 256 six-bit values in 16 groups with int8 scales under one f16 scale: {@code d * sc * (q - 32)}. */
    Q6_K(256, 210),
    /** 32 nibbles, f16 scale and minimum: {@code d * q + m}. */
    Q4_1(32, 20),
    /** 32 five-bit values with an f16 scale, the fifth bits apart: {@code d * (q - 16)}. */
    Q5_0(32, 22),
    /** 32 five-bit values, f16 scale and minimum: {@code d * q + m}. */
    Q5_1(32, 24),
    /** 256 two-bit values in 16 groups with 4-bit scales and minima under an f16 scale each. */
    Q2_K(256, 84),
    /** 256 three-bit values in 16 groups with 6-bit scales under one f16 scale. */
    Q3_K(256, 110),
    /** 256 five-bit values, otherwise as Q4_K. */
    Q5_K(256, 176),
    /** 32 nibbles that choose from 16 numbers spaced as normal values are, with an f16 scale. */
    IQ4_NL(32, 18),
    /** 256 nibbles as IQ4_NL's, in 8 groups with 6-bit scales under one f16 scale. */
    IQ4_XS(256, 136),
    /** 32 numbers in FP4 E2M1 under a power of two; OCP Microscaling Formats 1.0. */
    MXFP4(32, 17),
    /** 64 numbers in FP4 E2M1 in 4 groups with a scale in unsigned E4M3 each. */
    NVFP4(64, 36),
    /** 256 numbers of -1, 0, 1, five a byte, with an f16 scale. */
    TQ1_0(256, 54),
    /** 256 numbers of -1, 0, 1, four a byte, with an f16 scale. */
    TQ2_0(256, 66),
    /** 256 numbers by eights from a grid of 2048 points, groups of 32 with 3-bit scales. */
    IQ1_S(256, 50),
    /** As IQ1_S, groups of 16 with 3-bit scales. */
    IQ1_M(256, 56),
    /** 256 numbers by eights from a grid of 256 points and signs, groups of 32 with 4-bit scales. */
    IQ2_XXS(256, 66),
    /** 256 numbers by eights from a grid of 512 points and signs, groups of 16 with 4-bit scales. */
    IQ2_XS(256, 74),
    /** 256 numbers by eights from a grid of 1024 points and signs, groups of 16 with 4-bit scales. */
    IQ2_S(256, 82),
    /** 256 numbers by fours from a grid of 256 points and signs, groups of 32 with 4-bit scales. */
    IQ3_XXS(256, 98),
    /** 256 numbers by fours from a grid of 512 points and signs, groups of 32 with 4-bit scales. */
    IQ3_S(256, 110),
    /**
     * Activations quantised per 32: within a row first every int8 value, then an f32 scale a block. A row of n elements
     * takes n / 32 * 36 bytes.
     */
    A8_32(32, 36),
    /**
     * Activations quantised per 256: within a row first every int8 value, then an f32 scale a block, then an int16 sum of the
     * values of every 32. A row of n elements takes n / 256 * 276 bytes.
     */
    A8_256(256, 276);

    private final int blockSize;
    private final int blockBytes;

    DType(int blockSize, int blockBytes) {
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
    }

    /** Elements in a block; 1 for a plain type. */
    public int blockSize() {
        return blockSize;
    }

    /** Bytes of a block. */
    public int blockBytes() {
        return blockBytes;
    }

    /** Whether elements share a scale. */
    public boolean isQuantised() {
        return blockSize > 1;
    }

    /**
     * Bytes of {@code elements} neighbours in a row.
     *
     * @throws IllegalArgumentException if they don't fill whole blocks
     * @throws ArithmeticException if the size exceeds 63 bits
     */
    public long bytes(long elements) {
        if (elements < 0 || elements % blockSize != 0) {
            throw new IllegalArgumentException(
                    this + ": expected a multiple of " + blockSize + " elements, found " + elements);
        }
        return Math.multiplyExact(elements / blockSize, (long) blockBytes);
    }
}
