package dev.hearth.format.packed;

/** Floating-point numbers of 8 bits and less. */
final class Float8 {
    /** FP4 E2M1; OCP Microscaling Formats 1.0, section 5.3.3. */
    private static final float[] E2M1 = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6, -0f, -0.5f, -1, -1.5f, -2, -3, -4, -6};

    private Float8() {}

    /** What the 256 codes of a type stand for, by its name in safetensors. */
    static float[] values(String type) {
        float[] values = new float[256];
        for (int code = 0; code < 256; code++) {
            values[code] = switch (type) {
                case "F8_E4M3" -> (code & 0x7f) == 0x7f ? Float.NaN : value(code, 3, 7); // without infinities
                case "F8_E5M2" -> Float.float16ToFloat((short) (code << 8)); // the upper half of an F16
                case "F8_E4M3FNUZ" -> code == 0x80 ? Float.NaN : value(code, 3, 8);
                case "F8_E5M2FNUZ" -> code == 0x80 ? Float.NaN : value(code, 2, 16);
                case "F8_E8M0" -> code == 0xff ? Float.NaN : (float) Math.scalb(1.0, code - 127);
                default -> throw new IllegalArgumentException("float8: no type " + type);
            };
        }
        return values;
    }

    /** The number for a code of FP4 E2M1. */
    static float e2m1(int code) {
        return E2M1[code & 15];
    }

    /** A number of a sign, an exponent with a bias and {@code bits} of fraction; exponent 0 means subnormal. */
    private static float value(int code, int bits, int bias) {
        int exponent = (code & 0x7f) >> bits;
        int fraction = code & (1 << bits) - 1;
        int significand = exponent == 0 ? fraction : fraction + (1 << bits);
        double magnitude = Math.scalb((double) significand, Math.max(exponent, 1) - bias - bits);
        return (float) (code >= 0x80 ? -magnitude : magnitude);
    }
}
