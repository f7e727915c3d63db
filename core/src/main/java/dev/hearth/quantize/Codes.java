package dev.hearth.quantize;

import java.nio.ByteBuffer;

/** Codes of 32 values as the types with small blocks store them. */
final class Codes {
    private Codes() {}

    /** Value i in the low, i + 16 in the high nibble of byte i. */
    static void nibbles(int[] codes, ByteBuffer out, int at) {
        for (int i = 0; i < 16; i++) {
            out.put(at + i, (byte) (codes[i] & 15 | (codes[i + 16] & 15) << 4));
        }
    }

    /** The fifth bits in an int, bit i that of value i; then nibbles. */
    static void fiveBits(int[] codes, ByteBuffer out, int at) {
        int high = 0;
        for (int i = 0; i < 32; i++) {
            high |= (codes[i] >> 4 & 1) << i;
        }
        out.putInt(at, high);
        nibbles(codes, out, at + 4);
    }
}
