package dev.hearth.quantize;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * An element type of GGUF files that can be written: ggml's number, its block in elements and bytes (ggml.h, ggml-common.h), and
 * its encoder. Encoders look for the least sum of squared errors.
 */
public enum BlockType {
    /** IEEE 754 binary32. */
    F32(0, 1, 4),
    /** IEEE 754 binary16. */
    F16(1, 1, 2),
    /** 32 nibbles, an f16 scale. */
    Q4_0(2, 32, 18),
    /** 32 nibbles, an f16 scale and an f16 minimum. */
    Q4_1(3, 32, 20),
    /** 32 five-bit values, an f16 scale. */
    Q5_0(6, 32, 22),
    /** 32 five-bit values, an f16 scale and an f16 minimum. */
    Q5_1(7, 32, 24),
    /** 32 int8, an f16 scale. */
    Q8_0(8, 32, 34),
    /** 256 two-bit values, 16 groups with 4-bit scales and minima. */
    Q2_K(10, 256, 84),
    /** 256 three-bit values, 16 groups with 6-bit scales. */
    Q3_K(11, 256, 110),
    /** 256 nibbles, 8 groups with 6-bit scales and minima. */
    Q4_K(12, 256, 144),
    /** 256 five-bit values, 8 groups with 6-bit scales and minima. */
    Q5_K(13, 256, 176),
    /** 256 six-bit values, 16 groups with 8-bit scales. */
    Q6_K(14, 256, 210),
    /** 32 nibbles that name one of 16 levels, an f16 scale. */
    IQ4_NL(20, 32, 18),
    /** The upper half of a binary32. */
    BF16(30, 1, 2),
    /** 32 four-bit floats, a power of two as scale (OCP Microscaling Formats 1.0). */
    MXFP4(39, 32, 17);

    private final int id;
    private final int blockSize;
    private final int blockBytes;

    BlockType(int id, int blockSize, int blockBytes) {
        this.id = id;
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
    }

    /** The type of this name, in capitals or not. */
    public static Optional<BlockType> named(String name) {
        String wanted = name.toUpperCase(Locale.ROOT);
        return Arrays.stream(values()).filter(t -> t.name().equals(wanted)).findFirst();
    }

    /** All names with commas between. */
    public static String names() {
        return Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "));
    }

    /** ggml's number of the type. */
    public int id() {
        return id;
    }

    /** Elements of a block; 1 for a plain type. */
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

    /** Whether rows of so many elements are made of whole blocks. */
    public boolean fits(long width) {
        return width % blockSize == 0;
    }

    /**
     * Bytes of a row.
     *
     * @throws IllegalArgumentException if it doesn't fill whole blocks
     */
    public long rowBytes(long width) {
        if (width < 0 || !fits(width)) {
            throw new IllegalArgumentException(
                    this + ": expected rows of a multiple of " + blockSize + " elements, found " + width);
        }
        return Math.multiplyExact(width / blockSize, (long) blockBytes);
    }

    /** A new encoder, for one thread. */
    public BlockEncoder encoder() {
        return switch (this) {
            case F32 -> PlainEncoders::f32;
            case F16 -> PlainEncoders::f16;
            case Q4_0 -> new SymmetricEncoder(SymmetricEncoder.Layout.NIBBLES);
            case Q4_1 -> new AffineEncoder(AffineEncoder.Layout.NIBBLES);
            case Q5_0 -> new SymmetricEncoder(SymmetricEncoder.Layout.FIVE_BITS);
            case Q5_1 -> new AffineEncoder(AffineEncoder.Layout.FIVE_BITS);
            case Q8_0 -> new ByteEncoder();
            case Q2_K -> new GroupedAffineEncoder(GroupedAffineEncoder.Layout.TWO_BITS);
            case Q3_K -> new GroupedSymmetricEncoder(GroupedSymmetricEncoder.Layout.THREE_BITS);
            case Q4_K -> new GroupedAffineEncoder(GroupedAffineEncoder.Layout.NIBBLES);
            case Q5_K -> new GroupedAffineEncoder(GroupedAffineEncoder.Layout.FIVE_BITS);
            case Q6_K -> new GroupedSymmetricEncoder(GroupedSymmetricEncoder.Layout.SIX_BITS);
            case IQ4_NL -> new LevelEncoder();
            case BF16 -> PlainEncoders::bf16;
            case MXFP4 -> new MicroscalingEncoder();
        };
    }
}
