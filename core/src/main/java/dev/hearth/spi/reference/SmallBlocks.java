package dev.hearth.spi.reference;

import static dev.hearth.spi.reference.BlockDecoder.half;
import static dev.hearth.spi.reference.BlockDecoder.unsigned;

import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Blocks of 32 or 64 numbers. */
final class SmallBlocks {
    /** Codes of IQ4_NL and IQ4_XS, spaced as normal values are; ggml-common.h, kvalues_iq4nl. */
    private static final int[] NORMAL = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

    /** Twice the numbers of FP4 E2M1; OCP Microscaling Formats 1.0, section 5.3.3. */
    private static final int[] E2M1 = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

    private SmallBlocks() {}

    /** The number for a code of IQ4_NL and IQ4_XS. */
    static int normal(int code) {
        return NORMAL[code];
    }

    static void q8(MemorySegment data, long at, BlockRow row, int b) {
        scaled(row, b, half(data, at));
        for (int i = 0; i < 32; i++) {
            row.q[32 * b + i] = data.get(ValueLayout.JAVA_BYTE, at + 2 + i);
        }
    }

    static void q4(MemorySegment data, long at, BlockRow row, int b) {
        scaled(row, b, half(data, at));
        nibbles(data, at + 2, row, b);
        subtract(row, b, 8);
    }

    static void q4WithMinimum(MemorySegment data, long at, BlockRow row, int b) {
        withMinimum(row, b, half(data, at), half(data, at + 2));
        nibbles(data, at + 4, row, b);
    }

    static void q5(MemorySegment data, long at, BlockRow row, int b) {
        scaled(row, b, half(data, at));
        nibbles(data, at + 6, row, b);
        fifthBits(data.get(Tensor.INT, at + 2), row, b);
        subtract(row, b, 16);
    }

    static void q5WithMinimum(MemorySegment data, long at, BlockRow row, int b) {
        withMinimum(row, b, half(data, at), half(data, at + 2));
        nibbles(data, at + 8, row, b);
        fifthBits(data.get(Tensor.INT, at + 4), row, b);
    }

    static void iq4(MemorySegment data, long at, BlockRow row, int b) {
        scaled(row, b, half(data, at));
        nibbles(data, at + 2, row, b);
        replace(row, 32 * b, 32, NORMAL);
    }

    /** The scale is half of 2^(e - 127), for the codes count halves; its least values are subnormal. */
    static void mxfp4(MemorySegment data, long at, BlockRow row, int b) {
        int e = unsigned(data, at);
        scaled(row, b, Float.intBitsToFloat(e < 2 ? 0x200000 << e : (e - 1) << 23));
        nibbles(data, at + 1, row, b);
        replace(row, 32 * b, 32, E2M1);
    }

    /** Four groups of 16, each with a scale in unsigned E4M3: m * 2^-10 below exponent 1, else (8 + m) * 2^(e - 11). */
    static void nvfp4(MemorySegment data, long at, BlockRow row, int b) {
        row.d[b] = 0x1p-10f;
        for (int group = 0; group < 4; group++) {
            int code = unsigned(data, at + group);
            int e = code >> 3 & 15;
            int m = code & 7;
            boolean none = code == 0 || code == 0x7f;
            row.scale[4 * b + group] = none ? 0 : e == 0 ? m : (8 + m) << (e - 1);
            for (int i = 0; i < 8; i++) {
                int pair = unsigned(data, at + 4 + 8 * group + i);
                row.q[64 * b + 16 * group + i] = E2M1[pair & 15];
                row.q[64 * b + 16 * group + 8 + i] = E2M1[pair >> 4];
            }
        }
    }

    private static void scaled(BlockRow row, int b, float d) {
        row.d[b] = d;
        Arrays.fill(row.scale, 2 * b, 2 * b + 2, 1);
    }

    /** A minimum that is added: the row subtracts dmin * 1. */
    private static void withMinimum(BlockRow row, int b, float d, float minimum) {
        scaled(row, b, d);
        row.dmin[b] = -minimum;
        Arrays.fill(row.minimum, 2 * b, 2 * b + 2, 1);
    }

    private static void nibbles(MemorySegment data, long at, BlockRow row, int b) {
        for (int i = 0; i < 16; i++) {
            int pair = unsigned(data, at + i);
            row.q[32 * b + i] = pair & 15;
            row.q[32 * b + 16 + i] = pair >> 4;
        }
    }

    private static void fifthBits(int bits, BlockRow row, int b) {
        for (int i = 0; i < 32; i++) {
            row.q[32 * b + i] |= (bits >>> i & 1) << 4;
        }
    }

    private static void subtract(BlockRow row, int b, int offset) {
        for (int i = 32 * b; i < 32 * b + 32; i++) {
            row.q[i] -= offset;
        }
    }

    private static void replace(BlockRow row, int from, int count, int[] codes) {
        for (int i = from; i < from + count; i++) {
            row.q[i] = codes[row.q[i]];
        }
    }
}
