package dev.hearth.spi.reference;

import static dev.hearth.spi.reference.BlockDecoder.half;
import static dev.hearth.spi.reference.BlockDecoder.unsigned;
import static dev.hearth.spi.reference.BlockDecoder.unsigned16;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Blocks of 256 numbers whose groups have integer scales under one of the block. */
final class SuperBlocks {
    private static final int[] POWERS_OF_3 = {1, 3, 9, 27, 81};

    private SuperBlocks() {}

    static void q2(MemorySegment data, long at, BlockRow row, int b) {
        row.d[b] = half(data, at + 80);
        row.dmin[b] = half(data, at + 82);
        for (int group = 0; group < 16; group++) {
            int both = unsigned(data, at + group);
            row.scale[16 * b + group] = both & 15;
            row.minimum[16 * b + group] = both >> 4;
        }
        for (int i = 0; i < 256; i++) {
            row.q[256 * b + i] = pair(data, at + 16, i);
        }
    }

    static void q3(MemorySegment data, long at, BlockRow row, int b) {
        row.d[b] = half(data, at + 108);
        for (int group = 0; group < 16; group++) {
            int low = unsigned(data, at + 96 + group % 8) >> 4 * (group / 8) & 15;
            int high = unsigned(data, at + 104 + group % 4) >> 2 * (group / 4) & 3;
            row.scale[16 * b + group] = (low | high << 4) - 32;
        }
        for (int i = 0; i < 256; i++) {
            int third = unsigned(data, at + i % 32) >> i / 32 & 1;
            row.q[256 * b + i] = pair(data, at + 32, i) - (third == 0 ? 4 : 0);
        }
    }

    static void q4(MemorySegment data, long at, BlockRow row, int b) {
        sixBitScales(data, at, row, b);
        for (int i = 0; i < 256; i++) {
            row.q[256 * b + i] = nibble(data, at + 16, i);
        }
    }

    static void q5(MemorySegment data, long at, BlockRow row, int b) {
        sixBitScales(data, at, row, b);
        for (int i = 0; i < 256; i++) {
            int fifth = unsigned(data, at + 16 + i % 32) >> i / 32 & 1;
            row.q[256 * b + i] = nibble(data, at + 48, i) | fifth << 4;
        }
    }

    static void q6(MemorySegment data, long at, BlockRow row, int b) {
        row.d[b] = half(data, at + 208);
        for (int group = 0; group < 16; group++) {
            row.scale[16 * b + group] = data.get(ValueLayout.JAVA_BYTE, at + 192 + group);
        }
        for (int i = 0; i < 256; i++) {
            int upper = i / 128; // each half of the block has 64 bytes of low nibbles and 32 of high bit pairs
            int quarter = i % 128 / 32;
            int low = unsigned(data, at + 64 * upper + 32 * (quarter % 2) + i % 32) >> 4 * (quarter / 2) & 15;
            int high = unsigned(data, at + 128 + 32 * upper + i % 32) >> 2 * quarter & 3;
            row.q[256 * b + i] = (low | high << 4) - 32;
        }
    }

    static void iq4(MemorySegment data, long at, BlockRow row, int b) {
        row.d[b] = half(data, at);
        for (int part = 0; part < 8; part++) {
            int low = unsigned(data, at + 4 + part / 2) >> 4 * (part % 2) & 15;
            int high = unsigned16(data, at + 2) >> 2 * part & 3;
            Arrays.fill(row.scale, 16 * b + 2 * part, 16 * b + 2 * part + 2, (low | high << 4) - 32);
            for (int i = 0; i < 32; i++) {
                int code = unsigned(data, at + 8 + 16 * part + i % 16) >> 4 * (i / 16) & 15;
                row.q[256 * b + 32 * part + i] = SmallBlocks.normal(code);
            }
        }
    }

    /** Five numbers a byte, each the top digit of a fraction in base 3. */
    static void tq1(MemorySegment data, long at, BlockRow row, int b) {
        row.d[b] = half(data, at + 52);
        Arrays.fill(row.scale, 16 * b, 16 * b + 16, 1);
        for (int i = 0; i < 256; i++) {
            int base = i < 160 ? 0 : i < 240 ? 160 : 240; // five times 32 bytes, five times 16, four times 4
            int bytes = i < 160 ? 32 : i < 240 ? 16 : 4;
            long from = i < 160 ? at : i < 240 ? at + 32 : at + 48;
            int fraction = unsigned(data, from + (i - base) % bytes) * POWERS_OF_3[(i - base) / bytes] & 255;
            row.q[256 * b + i] = (fraction * 3 >> 8) - 1;
        }
    }

    static void tq2(MemorySegment data, long at, BlockRow row, int b) {
        row.d[b] = half(data, at + 64);
        Arrays.fill(row.scale, 16 * b, 16 * b + 16, 1);
        for (int i = 0; i < 256; i++) {
            row.q[256 * b + i] = pair(data, at, i) - 1;
        }
    }

    /** Scales and minima of Q4_K and Q5_K: 8 of 6 bits each in 12 bytes. */
    private static void sixBitScales(MemorySegment data, long at, BlockRow row, int b) {
        row.d[b] = half(data, at);
        row.dmin[b] = half(data, at + 2);
        for (int j = 0; j < 8; j++) {
            int scale;
            int minimum;
            if (j < 4) {
                scale = unsigned(data, at + 4 + j) & 63;
                minimum = unsigned(data, at + 8 + j) & 63;
            } else {
                scale = unsigned(data, at + 8 + j) & 15 | unsigned(data, at + j) >> 6 << 4;
                minimum = unsigned(data, at + 8 + j) >> 4 | unsigned(data, at + 4 + j) >> 6 << 4;
            }
            Arrays.fill(row.scale, 16 * b + 2 * j, 16 * b + 2 * j + 2, scale);
            Arrays.fill(row.minimum, 16 * b + 2 * j, 16 * b + 2 * j + 2, minimum);
        }
    }

    /** Nibble i of 128 bytes: of each 32 first the low ones, then the high. */
    private static int nibble(MemorySegment data, long at, int i) {
        return unsigned(data, at + i / 64 * 32 + i % 32) >> 4 * (i / 32 % 2) & 15;
    }

    /** Pair of bits i of 64 bytes: of each 32 first the lowest pairs. */
    private static int pair(MemorySegment data, long at, int i) {
        return unsigned(data, at + i / 128 * 32 + i % 32) >> 2 * (i / 32 % 4) & 3;
    }
}
