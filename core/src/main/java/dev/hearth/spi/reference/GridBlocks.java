package dev.hearth.spi.reference;

import static dev.hearth.spi.reference.BlockDecoder.half;
import static dev.hearth.spi.reference.BlockDecoder.unsigned;
import static dev.hearth.spi.reference.BlockDecoder.unsigned16;

import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Blocks of 256 numbers of which 4 or 8 neighbours are a point of a grid, given by its index. A point's numbers are doubled or
 * taken eightfold where that makes scale and number integers, and the block's scale is divided likewise; all of it is exact.
 */
final class GridBlocks {
    private GridBlocks() {}

    static void iq2xxs(MemorySegment data, long at, BlockRow row, int b) {
        row.d[b] = half(data, at) * 0.125f;
        for (int part = 0; part < 8; part++) {
            int signs = data.get(Tensor.INT, at + 6 + 8 * part);
            scale(row, b, 2 * part, 2, 2 * (signs >>> 28) + 1);
            for (int j = 0; j < 4; j++) {
                int point = unsigned(data, at + 2 + 8 * part + j);
                eight(row, b, 4 * part + j, Grid.IQ2_XXS, point, parity(signs >>> 7 * j & 127));
            }
        }
    }

    static void iq2xs(MemorySegment data, long at, BlockRow row, int b) {
        row.d[b] = half(data, at) * 0.125f;
        fourBitScales(data, at + 66, row, b, 1);
        for (int j = 0; j < 32; j++) {
            int code = unsigned16(data, at + 2 + 2 * j);
            eight(row, b, j, Grid.IQ2_XS, code & 511, parity(code >> 9));
        }
    }

    static void iq2s(MemorySegment data, long at, BlockRow row, int b) {
        row.d[b] = half(data, at) * 0.125f;
        fourBitScales(data, at + 74, row, b, 1);
        for (int j = 0; j < 32; j++) {
            int high = unsigned(data, at + 66 + j / 4) >> 2 * (j % 4) & 3;
            eight(row, b, j, Grid.IQ2_S, unsigned(data, at + 2 + j) | high << 8, unsigned(data, at + 34 + j));
        }
    }

    static void iq3xxs(MemorySegment data, long at, BlockRow row, int b) {
        row.d[b] = half(data, at) * 0.25f;
        for (int part = 0; part < 8; part++) {
            int signs = data.get(Tensor.INT, at + 66 + 4 * part);
            scale(row, b, 2 * part, 2, 2 * (signs >>> 28) + 1);
            for (int j = 0; j < 8; j++) {
                int negative = parity(signs >>> 7 * (j / 2) & 127) >> 4 * (j % 2);
                four(row, b, 8 * part + j, Grid.IQ3_XXS, unsigned(data, at + 2 + 8 * part + j), negative);
            }
        }
    }

    static void iq3s(MemorySegment data, long at, BlockRow row, int b) {
        row.d[b] = half(data, at);
        fourBitScales(data, at + 106, row, b, 2);
        for (int j = 0; j < 64; j++) {
            int high = unsigned(data, at + 66 + j / 8) >> j % 8 & 1;
            int negative = unsigned(data, at + 74 + j / 2) >> 4 * (j % 2);
            four(row, b, j, Grid.IQ3_S, unsigned(data, at + 2 + j) | high << 8, negative);
        }
    }

    static void iq1s(MemorySegment data, long at, BlockRow row, int b) {
        row.d[b] = half(data, at) * 0.125f;
        for (int j = 0; j < 32; j++) {
            int high = unsigned16(data, at + 34 + 2 * (j / 4));
            scale(row, b, j / 2, 1, 2 * (high >> 12 & 7) + 1);
            int point = unsigned(data, at + 2 + j) | (high >> 3 * (j % 4) & 7) << 8;
            shifted(row, b, j, point, (high & 0x8000) != 0 ? -1 : 1);
        }
    }

    /** The block's scale lies in the top nibbles of the four 16-bit words that hold the groups' scales. */
    static void iq1m(MemorySegment data, long at, BlockRow row, int b) {
        int bits = 0;
        for (int word = 0; word < 4; word++) {
            bits |= unsigned16(data, at + 48 + 2 * word) >> 12 << 4 * word;
        }
        row.d[b] = Float.float16ToFloat((short) bits) * 0.125f;
        for (int j = 0; j < 32; j++) {
            int group = j / 2;
            scale(row, b, group, 1, 2 * (unsigned16(data, at + 48 + 2 * (group / 4)) >> 3 * (group % 4) & 7) + 1);
            int high = unsigned(data, at + 32 + j / 2) >> 4 * (j % 2);
            shifted(row, b, j, unsigned(data, at + j) | (high & 7) << 8, (high & 8) != 0 ? -1 : 1);
        }
    }

    private static void scale(BlockRow row, int b, int group, int count, int value) {
        Arrays.fill(row.scale, 16 * b + group, 16 * b + group + count, value);
    }

    /** Nibbles s, each for {@code count} groups: 2s + 1. */
    private static void fourBitScales(MemorySegment data, long at, BlockRow row, int b, int count) {
        for (int i = 0; i < 16 / count; i++) {
            int code = unsigned(data, at + i / 2) >> 4 * (i % 2) & 15;
            scale(row, b, count * i, count, 2 * code + 1);
        }
    }

    /** Seven signs and the eighth, which makes their number even. */
    private static int parity(int signs) {
        return signs | (Integer.bitCount(signs) & 1) << 7;
    }

    private static void eight(BlockRow row, int b, int j, Grid grid, int point, int negative) {
        for (int i = 0; i < 8; i++) {
            int value = grid.value(point, i);
            row.q[256 * b + 8 * j + i] = (negative >> i & 1) != 0 ? -value : value;
        }
    }

    private static void four(BlockRow row, int b, int j, Grid grid, int point, int negative) {
        for (int i = 0; i < 4; i++) {
            int value = grid.value(point, i);
            row.q[256 * b + 4 * j + i] = (negative >> i & 1) != 0 ? -value : value;
        }
    }

    /** Eight of -1, 0 and 1, all moved by an eighth up or down. */
    private static void shifted(BlockRow row, int b, int j, int point, int shift) {
        for (int i = 0; i < 8; i++) {
            row.q[256 * b + 8 * j + i] = 8 * Grid.IQ1.value(point, i) + shift;
        }
    }
}
