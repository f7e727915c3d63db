package dev.hearth.cpu;

import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.reference.BlockRow;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Four rows of a weight as floats, ready for {@link DotTiles}: the values they stand for, or for integer products their codes
 * times the integer scale of the group, with the scales of the blocks beside them. Reused from rows to rows; one thread.
 */
final class WeightRows {
    private final HostWeight weight;
    private final MemorySegment data;
    private final int width;
    private final boolean codes;
    private final short[] halves;
    private final float[] factors;
    private final float[] offsets;
    private final @Nullable BlockRow decoded; // for types without vector code
    private final float[] values;

    /** Elements from one row to the next: the width up to a multiple of 16; -0 behind it, which adds nothing to any sum. */
    final int stride;

    /** Blocks from one row to the next, a multiple of 8. */
    final int blockStride;

    /** The four rows. */
    final float[] rows;

    /** Scale of each block; -0 behind a row. */
    final float[] d;

    /** Scale of each block's minima; 0 behind a row. */
    final float[] dmin;

    /** Integer minimum of every 32. */
    final int[] minima;

    private WeightRows(HostWeight weight, boolean codes) {
        this.weight = weight;
        this.data = weight.data();
        this.codes = codes;
        DType type = weight.type();
        width = Math.toIntExact(weight.shape().width());
        stride = VectorMath.padded(width);
        rows = new float[DotTiles.ROWS * stride];
        Arrays.fill(rows, -0f);
        halves = new short[type == DType.F16 || type == DType.BF16 ? width : 0];
        factors = new float[16];
        offsets = new float[8];
        decoded = switch (type) {
            case F32, F16, BF16, Q8_0, Q4_0, Q4_K, Q6_K -> null;
            default -> new BlockRow(weight);
        };
        values = new float[decoded == null ? 0 : width];
        blockStride = codes ? (width / type.blockSize() + 7) & -8 : 0;
        d = new float[DotTiles.ROWS * blockStride];
        Arrays.fill(d, -0f);
        dmin = new float[type == DType.Q4_K ? d.length : 0];
        minima = new int[codes && type == DType.Q4_K ? DotTiles.ROWS * width / 32 : 0];
    }

    /** Rows as the values they stand for. */
    static WeightRows values(HostWeight weight) {
        return new WeightRows(weight, false);
    }

    /** Rows of a block-quantised weight as codes. */
    static WeightRows codes(HostWeight weight) {
        return new WeightRows(weight, true);
    }

    /** Whether blocks have minima. */
    boolean hasMinima() {
        return minima.length > 0;
    }

    /** Reads {@code count} rows, at most four; the others stay as they were. */
    void read(long first, int count) {
        for (int r = 0; r < count; r++) {
            if (decoded != null) {
                decoded.values(first + r, values);
                System.arraycopy(values, 0, rows, r * stride, width);
            } else {
                row((first + r) * weight.rowBytes(), r);
            }
        }
    }

    private void row(long at, int r) {
        int to = r * stride;
        switch (weight.type()) {
            case F32 -> MemorySegment.copy(data, Tensor.FLOAT, at, rows, to, width);
            case F16 -> {
                MemorySegment.copy(data, Tensor.SHORT, at, halves, 0, width);
                BlockCodes.halves(halves, width, rows, to);
            }
            case BF16 -> {
                MemorySegment.copy(data, Tensor.SHORT, at, halves, 0, width);
                BlockCodes.bfloats(halves, width, rows, to);
            }
            case Q8_0 -> {
                for (int b = 0; b < width / 32; b++, at += 34) {
                    BlockCodes.bytes(data, at + 2, factor(at, r, b), rows, to + 32 * b);
                }
            }
            case Q4_0 -> {
                for (int b = 0; b < width / 32; b++, at += 18) {
                    BlockCodes.nibbles(data, at + 2, factor(at, r, b), rows, to + 32 * b);
                }
            }
            case Q4_K -> {
                for (int b = 0; b < width / 256; b++, at += 144) {
                    fourBits(at, r, b);
                }
            }
            case Q6_K -> {
                for (int b = 0; b < width / 256; b++, at += 210) {
                    sixBits(at, r, b);
                }
            }
            default -> throw new IllegalArgumentException(weight.name() + ": no weight is of type " + weight.type());
        }
    }

    /** The factor of a block's codes: their scale, or 1 if that goes to {@link #d}. */
    private float factor(long at, int r, int b) {
        float scale = half(at);
        if (codes) {
            d[r * blockStride + b] = scale;
            return 1;
        }
        return scale;
    }

    private void fourBits(long at, int r, int b) {
        float factor = factor(at, r, b);
        float offset = half(at + 2);
        if (codes) {
            dmin[r * blockStride + b] = offset;
        }
        // six bits each: 4 scales and 4 minima in the low bits of 8 bytes, the other 4 of each in 4 bytes of nibbles
        // and the high bits
        int first = data.get(Tensor.INT, at + 4);
        int second = data.get(Tensor.INT, at + 8);
        int third = data.get(Tensor.INT, at + 12);
        long scales = pack(first & 0x3f3f3f3f, third & 0x0f0f0f0f | (first >>> 2 & 0x30303030));
        long minimums = pack(second & 0x3f3f3f3f, third >>> 4 & 0x0f0f0f0f | (second >>> 2 & 0x30303030));
        for (int j = 0; j < 8; j++) {
            int minimum = (int) (minimums >>> 8 * j) & 63;
            factors[j] = factor * ((int) (scales >>> 8 * j) & 63);
            if (codes) {
                minima[r * (width / 32) + 8 * b + j] = minimum;
            } else {
                offsets[j] = offset * minimum;
            }
        }
        for (int j = 0; j < 4; j++) {
            BlockCodes.nibblesWithMinima(
                    data, at + 16 + 32 * j, factors, offsets, 2 * j, rows, r * stride + 256 * b + 64 * j);
        }
    }

    private static long pack(int low, int high) {
        return (long) high << 32 | Integer.toUnsignedLong(low);
    }

    private void sixBits(long at, int r, int b) {
        float factor = factor(at + 208, r, b);
        for (int group = 0; group < 16; group++) {
            factors[group] = factor * data.get(ValueLayout.JAVA_BYTE, at + 192 + group);
        }
        int to = r * stride + 256 * b;
        for (int part = 0; part < 8; part++) {
            int upper = part / 4; // each half of the block has 64 bytes of low nibbles and 32 of high bit pairs
            int quarter = part % 4;
            long low = at + 64 * upper + 32 * (quarter % 2);
            long high = at + 128 + 32 * upper;
            BlockCodes.sixBits(
                    data, low, 4 * (quarter / 2), high, 2 * quarter, factors, 2 * part, rows, to + 32 * part);
        }
    }

    private float half(long at) {
        return Float.float16ToFloat(data.get(Tensor.SHORT, at));
    }
}
