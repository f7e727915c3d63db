package dev.hearth.tensor;

/** Numbers of {@link DType#BF16}. */
public final class Bfloat16 {
    private Bfloat16() {}

    /** The nearest, the even one of two; NaN stays NaN. */
    public static short of(float x) {
        int bits = Float.floatToRawIntBits(x);
        return (short) (Float.isNaN(x) ? bits >>> 16 | 0x40 : (bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
    }

    /** The number that the bits stand for. */
    public static float value(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
