package dev.hearth.quantize;

import java.nio.ByteBuffer;

/** The types without blocks. Rounding is to nearest, ties to even. */
final class PlainEncoders {
    private PlainEncoders() {}

    static void f32(float[] x, int from, ByteBuffer out, int at) {
        out.putFloat(at, x[from]);
    }

    static void f16(float[] x, int from, ByteBuffer out, int at) {
        out.putShort(at, Halves.bits(x[from]));
    }

    static void bf16(float[] x, int from, ByteBuffer out, int at) {
        int bits = Float.floatToRawIntBits(x[from]);
        int rounded = bits + 0x7fff + (bits >>> 16 & 1);
        if ((rounded & 0x7f80_0000) == 0x7f80_0000) {
            throw new ArithmeticException(x[from] + " exceeds what BF16 holds; use F32");
        }
        out.putShort(at, (short) (rounded >>> 16));
    }
}
