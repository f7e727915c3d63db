package dev.hearth.quantize;

/** Scales as they are stored: IEEE 754 binary16. */
final class Halves {
    private Halves() {}

    /** The bits of the nearest half. @throws ArithmeticException if it exceeds 65504 */
    static short bits(float x) {
        short half = Float.floatToFloat16(x);
        if ((half & 0x7c00) == 0x7c00) {
            throw new ArithmeticException(x + " exceeds the 65504 that an f16 number or scale holds; use BF16 or F32");
        }
        return half;
    }

    /** The nearest half as a float. @throws ArithmeticException if it exceeds 65504 */
    static float round(float x) {
        return Float.float16ToFloat(bits(x));
    }

    /** What to multiply by instead of dividing by a scale; 0 for scale 0, which makes every code that of zero. */
    static float inverse(float scale) {
        float inverse = 1 / scale;
        return Float.isFinite(inverse) ? inverse : 0;
    }
}
