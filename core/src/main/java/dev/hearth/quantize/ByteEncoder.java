package dev.hearth.quantize;

import java.nio.ByteBuffer;

/** Q8_0: an f16 scale, 32 int8. With 255 levels nothing beats the scale that just reaches the largest value. */
final class ByteEncoder implements BlockEncoder {
    private static final int SIZE = 32;

    @Override
    public void encode(float[] x, int from, ByteBuffer out, int at) {
        float largest = 0;
        for (int i = 0; i < SIZE; i++) {
            largest = Math.max(largest, Math.abs(x[from + i]));
        }
        float scale = Halves.round(largest / 127);
        float inverse = Halves.inverse(scale);
        out.putShort(at, Halves.bits(scale));
        for (int i = 0; i < SIZE; i++) {
            int code = Math.clamp(Math.round(x[from + i] * inverse), -127, 127);
            out.put(at + 2 + i, (byte) code);
        }
    }
}
