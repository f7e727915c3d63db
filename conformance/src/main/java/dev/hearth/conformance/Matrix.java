package dev.hearth.conformance;

import dev.hearth.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A weight as a file holds it and as the numbers it stands for. Values are taken apart here once more, byte by byte after ggml's
 * layout (ggml-common.h) in the order of the bytes, so that they don't repeat a mistake of the specification.
 *
 * @param values exact values
 * @param magnitudes for each value the sum of the absolute terms it is made of, by which its rounding is bounded
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Matrix(DType type, int rows, int columns, byte[] bytes, double[][] values, double[][] magnitudes) {
    /** The matrix that these bytes mean, rows dense. */
    static Matrix of(DType type, int rows, int columns, byte[] bytes) {
        Matrix m = new Matrix(type, rows, columns, bytes, new double[rows][columns], new double[rows][columns]);
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int r = 0; r < rows; r++) {
            for (int at = 0; at < columns; at += type.blockSize()) {
                m.readBlock(in, r, at);
            }
        }
        if (in.hasRemaining()) {
            throw new IllegalArgumentException("matrix: " + in.remaining() + " bytes too many for " + type);
        }
        return m;
    }

    /** A matrix of ordinary values: normal ones, or random codes under scales of either sign. */
    static Matrix random(DType type, int rows, int columns, Draw draw) {
        ByteBuffer out =
                ByteBuffer.allocate(Math.toIntExact(rows * type.bytes(columns))).order(ByteOrder.LITTLE_ENDIAN);
        while (out.hasRemaining()) {
            switch (type) {
                case F32 -> out.putFloat(draw.normal());
                case F16 -> out.putShort(Float.floatToFloat16(draw.normal()));
                case BF16 -> out.putShort((short) (Float.floatToRawIntBits(draw.normal()) >>> 16));
                case Q8_0 -> out.putShort(half(draw, 0.01)).put(draw.bytes(32));
                case Q4_0 -> out.putShort(half(draw, 0.1)).put(draw.bytes(16));
                case Q4_K ->
                    out.putShort(half(draw, 0.003)).putShort(half(draw, 0.01)).put(draw.bytes(140));
                case Q6_K -> out.put(draw.bytes(208)).putShort(half(draw, 0.0005));
                default -> throw new IllegalArgumentException("matrix: no weight is of type " + type);
            }
        }
        return of(type, rows, columns, out.array());
    }

    /**
     * A matrix of blocks drawn from those of {@link QuantVectors}, which says what numbers they stand for: for types that are
     * not taken apart here.
     */
    static Matrix sampled(DType type, int rows, int columns, Draw draw) {
        TensorFile file = QuantVectors.load();
        float[][] floats = file.rows(type + ".random_dequantized");
        byte[] blocks = file.bytes(type + ".random_blocks");
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(rows * type.bytes(columns)));
        double[][] values = new double[rows][columns];
        double[][] magnitudes = new double[rows][columns];
        for (int r = 0; r < rows; r++) {
            for (int at = 0; at < columns; at += type.blockSize()) {
                int block = draw.below(floats.length);
                out.put(blocks, block * type.blockBytes(), type.blockBytes());
                double greatest = 0;
                for (int i = 0; i < type.blockSize(); i++) {
                    values[r][at + i] = floats[block][i];
                    greatest = Math.max(greatest, Math.abs(floats[block][i]));
                }
                // a minimum is met where the code is 0, and no term exceeds value and minimum together
                java.util.Arrays.fill(magnitudes[r], at, at + type.blockSize(), 3 * greatest);
            }
        }
        return new Matrix(type, rows, columns, out.array(), values, magnitudes);
    }

    /** Block-quantised rows of the least codes, the greatest codes and every step between them, under scales of one. */
    static Matrix corners(DType type, int columns) {
        int rows = 18;
        int blocks = columns / type.blockSize();
        ByteBuffer out =
                ByteBuffer.allocate(Math.toIntExact(rows * type.bytes(columns))).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < rows * blocks; i++) {
            int row = i / blocks;
            byte[] codes = new byte[type.blockBytes()];
            java.util.Arrays.fill(
                    codes, (byte) (row == 17 ? 0x80 : row * 0x11)); // both nibbles alike; 0x80: least int8
            ByteBuffer block = ByteBuffer.wrap(codes).order(ByteOrder.LITTLE_ENDIAN);
            short d = Float.floatToFloat16(row % 2 == 0 ? 1f : -0x1p-24f); // the least f16 too
            switch (type) {
                case Q8_0, Q4_0 -> block.putShort(0, d);
                case Q4_K -> block.putShort(0, d).putShort(2, Float.floatToFloat16(65504f));
                case Q6_K -> block.putShort(208, d);
                default -> throw new IllegalArgumentException("matrix: no codes in " + type);
            }
            out.put(codes);
        }
        return of(type, rows, columns, out.array());
    }

    /** An F32 matrix of given rows. */
    static Matrix floats(float[][] rows) {
        ByteBuffer out = ByteBuffer.allocate(rows.length * rows[0].length * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (float[] row : rows) {
            for (float value : row) {
                out.putFloat(value);
            }
        }
        return of(DType.F32, rows.length, rows[0].length, out.array());
    }

    private static short half(Draw draw, double scale) {
        return Float.floatToFloat16((float) (draw.between(0.5, 1) * scale * (draw.below(2) * 2 - 1)));
    }

    private void readBlock(ByteBuffer in, int r, int at) {
        switch (type) {
            case F32 -> set(r, at, in.getFloat(), 0);
            case F16 -> set(r, at, Float.float16ToFloat(in.getShort()), 0);
            case BF16 -> set(r, at, Float.intBitsToFloat(in.getShort() << 16), 0);
            case Q8_0 -> {
                double d = Float.float16ToFloat(in.getShort());
                for (int i = 0; i < 32; i++) {
                    set(r, at + i, d * in.get(), 0);
                }
            }
            case Q4_0 -> {
                double d = Float.float16ToFloat(in.getShort());
                for (int i = 0; i < 16; i++) {
                    int pair = in.get();
                    set(r, at + i, d * ((pair & 0x0f) - 8), 0);
                    set(r, at + i + 16, d * ((pair >>> 4 & 0x0f) - 8), 0);
                }
            }
            case Q4_K -> readQ4K(in, r, at);
            case Q6_K -> readQ6K(in, r, at);
            default -> throw new IllegalArgumentException("matrix: no weight is of type " + type);
        }
    }

    /** d, dmin; twelve bytes: four of scales, four of minima (six bits and the upper two of the later ones), four shared. */
    private void readQ4K(ByteBuffer in, int r, int at) {
        double d = Float.float16ToFloat(in.getShort());
        double dmin = Float.float16ToFloat(in.getShort());
        byte[] packed = new byte[12];
        in.get(packed);
        int[] scales = new int[8];
        int[] minima = new int[8];
        for (int i = 0; i < 4; i++) {
            int s = packed[i] & 0xff;
            int m = packed[4 + i] & 0xff;
            int shared = packed[8 + i] & 0xff;
            scales[i] = s & 0x3f;
            minima[i] = m & 0x3f;
            scales[4 + i] = shared & 0x0f | s >> 2 & 0x30;
            minima[4 + i] = shared >> 4 | m >> 2 & 0x30;
        }
        for (int i = 0; i < 128; i++) { // 32 bytes hold a group in their low nibbles and the next in their high ones
            int pair = in.get() & 0xff;
            int group = i / 32 * 2;
            int place = at + group * 32 + i % 32;
            set(r, place, d * scales[group] * (pair & 0x0f), dmin * minima[group]);
            set(r, place + 32, d * scales[group + 1] * (pair >> 4), dmin * minima[group + 1]);
        }
    }

    /** 128 bytes of low nibbles, 64 of upper bit pairs, 16 scales, d. */
    private void readQ6K(ByteBuffer in, int r, int at) {
        int[] codes = new int[256];
        for (int i = 0; i < 128; i++) { // each half of the block: 64 bytes, whose high nibbles come 64 values later
            int pair = in.get() & 0xff;
            int place = i / 64 * 128 + i % 64;
            codes[place] = pair & 0x0f;
            codes[place + 64] = pair >> 4;
        }
        for (int i = 0; i < 64; i++) { // each half: 32 bytes of four bit pairs, 32 values apart
            int four = in.get() & 0xff;
            int place = i / 32 * 128 + i % 32;
            for (int quarter = 0; quarter < 4; quarter++) {
                codes[place + 32 * quarter] |= (four >> 2 * quarter & 3) << 4;
            }
        }
        byte[] scales = new byte[16];
        in.get(scales);
        double d = Float.float16ToFloat(in.getShort());
        for (int i = 0; i < 256; i++) {
            set(r, at + i, d * scales[i / 16] * (codes[i] - 32), 0);
        }
    }

    private void set(int r, int c, double value, double less) {
        values[r][c] = value - less;
        magnitudes[r][c] = Math.abs(value) + Math.abs(less);
    }
}
