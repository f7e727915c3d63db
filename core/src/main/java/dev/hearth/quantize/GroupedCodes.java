package dev.hearth.quantize;

import java.nio.ByteBuffer;

/** Codes and scales of 256 values as the K types store them (ggml-common.h, ggml-quants.c). */
final class GroupedCodes {
    private GroupedCodes() {}

    /** Two bits each: byte i of a half holds values i, i + 32, i + 64 and i + 96 of that half. */
    static void pairs(int[] codes, ByteBuffer out, int at) {
        for (int half = 0; half < 2; half++) {
            for (int i = 0; i < 32; i++) {
                int first = 128 * half + i;
                int bits = codes[first] & 3
                        | (codes[first + 32] & 3) << 2
                        | (codes[first + 64] & 3) << 4
                        | (codes[first + 96] & 3) << 6;
                out.put(at + 32 * half + i, (byte) bits);
            }
        }
    }

    /** Four bits each: byte i of a quarter holds values i and i + 32 of that quarter. */
    static void nibbles(int[] codes, ByteBuffer out, int at) {
        for (int quarter = 0; quarter < 4; quarter++) {
            for (int i = 0; i < 32; i++) {
                int first = 64 * quarter + i;
                out.put(at + 32 * quarter + i, (byte) (codes[first] & 15 | (codes[first + 32] & 15) << 4));
            }
        }
    }

    /** Bit g of byte i is the fifth bit of value i in the group g of 32. */
    static void fifthBits(int[] codes, ByteBuffer out, int at) {
        for (int i = 0; i < 32; i++) {
            int bits = 0;
            for (int g = 0; g < 8; g++) {
                bits |= (codes[32 * g + i] >> 4 & 1) << g;
            }
            out.put(at + i, (byte) bits);
        }
    }

    /** Eight 6-bit scales and minima in 12 bytes: the upper two bits of the last four share bytes with the first four. */
    static void sixBitScales(int[] scale, int[] minimum, ByteBuffer out, int at) {
        for (int g = 0; g < 4; g++) {
            out.put(at + g, (byte) (scale[g] | scale[g + 4] >> 4 << 6));
            out.put(at + 4 + g, (byte) (minimum[g] | minimum[g + 4] >> 4 << 6));
            out.put(at + 8 + g, (byte) (scale[g + 4] & 15 | (minimum[g + 4] & 15) << 4));
        }
    }

    /** A whole Q3_K block but its d: third bits, lower bits, then 16 scales of 6 bits, 32 added. */
    static void threeBits(int[] codes, int[] scale, ByteBuffer out, int at) {
        for (int i = 0; i < 32; i++) {
            int bits = 0;
            for (int g = 0; g < 8; g++) {
                bits |= (codes[32 * g + i] >> 2 & 1) << g;
            }
            out.put(at + i, (byte) bits);
        }
        pairs(codes, out, at + 32);
        for (int i = 0; i < 8; i++) {
            out.put(at + 96 + i, (byte) (scale[i] + 32 & 15 | (scale[i + 8] + 32 & 15) << 4));
        }
        for (int i = 0; i < 4; i++) {
            int bits = 0;
            for (int g = 0; g < 4; g++) {
                bits |= (scale[4 * g + i] + 32 >> 4 & 3) << 2 * g;
            }
            out.put(at + 104 + i, (byte) bits);
        }
    }

    /** A whole Q6_K block but its d: lower nibbles, upper pairs of bits, then 16 scales. */
    static void sixBits(int[] codes, int[] scale, ByteBuffer out, int at) {
        for (int half = 0; half < 2; half++) {
            for (int i = 0; i < 32; i++) {
                int first = 128 * half + i;
                int a = codes[first];
                int b = codes[first + 32];
                int c = codes[first + 64];
                int e = codes[first + 96];
                out.put(at + 64 * half + i, (byte) (a & 15 | (c & 15) << 4));
                out.put(at + 64 * half + 32 + i, (byte) (b & 15 | (e & 15) << 4));
                out.put(at + 128 + 32 * half + i, (byte) (a >> 4 | b >> 4 << 2 | c >> 4 << 4 | e >> 4 << 6));
            }
        }
        for (int g = 0; g < 16; g++) {
            out.put(at + 192 + g, (byte) scale[g]);
        }
    }
}
