package dev.hearth.spi.reference;

import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One row of a weight taken apart: for block-quantised types the integers and scales that {@link dev.hearth.tensor.DType} gives,
 * each value being {@code (d * scale) * q - dmin * minimum} with every product and the difference rounded to F32; for plain
 * types the values themselves. Reused from row to row; one thread at a time.
 */
final class BlockRow {
    /** Values that share an integer scale. */
    static final int GROUP = 16;

    private final HostWeight weight;
    private final int blockSize;
    private final int width;
    private final MemorySegment data;

    /** Quantised values, offset already subtracted. */
    final int[] q;

    /** Integer scale of each group of 16; 1 where the type has none. */
    final int[] scale;

    /** Integer minimum of each group of 16; 0 where the type has none. */
    final int[] minimum;

    /** Scale of each block. */
    final float[] d;

    /** Scale of the minima of each block. */
    final float[] dmin;

    BlockRow(HostWeight weight) {
        this.weight = weight;
        this.data = weight.data();
        this.blockSize = weight.type().blockSize();
        this.width = Math.toIntExact(weight.shape().width());
        boolean blocks = weight.type().isQuantised();
        q = new int[blocks ? width : 0];
        scale = new int[blocks ? width / GROUP : 0];
        minimum = new int[blocks ? width / GROUP : 0];
        d = new float[blocks ? width / blockSize : 0];
        dmin = new float[blocks ? width / blockSize : 0];
    }

    /** Whether the type has minima. */
    boolean hasMinima() {
        return weight.type() == DType.Q4_K;
    }

    /** The F32 values of a row. */
    void values(long row, float[] out) {
        long at = row * weight.rowBytes();
        switch (weight.type()) {
            case F32 -> {
                for (int i = 0; i < width; i++) {
                    out[i] = data.get(Tensor.FLOAT, at + 4L * i);
                }
            }
            case F16 -> {
                for (int i = 0; i < width; i++) {
                    out[i] = Float.float16ToFloat(data.get(Tensor.SHORT, at + 2L * i));
                }
            }
            case BF16 -> {
                for (int i = 0; i < width; i++) {
                    out[i] = Float.intBitsToFloat(data.get(Tensor.SHORT, at + 2L * i) << 16);
                }
            }
            default -> {
                decode(row);
                for (int i = 0; i < width; i++) {
                    int block = i / blockSize;
                    int group = i / GROUP;
                    out[i] = (d[block] * scale[group]) * q[i] - dmin[block] * minimum[group];
                }
            }
        }
    }

    /** Takes a row of a block-quantised weight apart. */
    void decode(long row) {
        long start = row * weight.rowBytes();
        int blocks = width / blockSize;
        for (int b = 0; b < blocks; b++) {
            long at = start + (long) b * weight.type().blockBytes();
            switch (weight.type()) {
                case Q8_0 -> q8(at, b);
                case Q4_0 -> q4(at, b);
                case Q4_K -> q4k(at, b);
                case Q6_K -> q6k(at, b);
                default -> throw new IllegalArgumentException(weight.name() + ": no blocks in " + weight.type());
            }
        }
    }

    private void q8(long at, int b) {
        d[b] = half(at);
        scale[2 * b] = scale[2 * b + 1] = 1;
        for (int i = 0; i < 32; i++) {
            q[32 * b + i] = data.get(ValueLayout.JAVA_BYTE, at + 2 + i);
        }
    }

    private void q4(long at, int b) {
        d[b] = half(at);
        scale[2 * b] = scale[2 * b + 1] = 1;
        for (int i = 0; i < 16; i++) {
            int pair = unsigned(at + 2 + i);
            q[32 * b + i] = (pair & 15) - 8;
            q[32 * b + 16 + i] = (pair >> 4) - 8;
        }
    }

    private void q4k(long at, int b) {
        d[b] = half(at);
        dmin[b] = half(at + 2);
        for (int j = 0; j < 8; j++) {
            int sc;
            int m;
            if (j < 4) {
                sc = unsigned(at + 4 + j) & 63;
                m = unsigned(at + 8 + j) & 63;
            } else {
                sc = unsigned(at + 8 + j) & 15 | unsigned(at + j) >> 6 << 4;
                m = unsigned(at + 8 + j) >> 4 | unsigned(at + 4 + j) >> 6 << 4;
            }
            scale[16 * b + 2 * j] = scale[16 * b + 2 * j + 1] = sc;
            minimum[16 * b + 2 * j] = minimum[16 * b + 2 * j + 1] = m;
            for (int i = 0; i < 32; i++) {
                int pair = unsigned(at + 16 + j / 2 * 32 + i);
                q[256 * b + 32 * j + i] = j % 2 == 0 ? pair & 15 : pair >> 4;
            }
        }
    }

    private void q6k(long at, int b) {
        d[b] = half(at + 208);
        for (int group = 0; group < 16; group++) {
            scale[16 * b + group] = data.get(ValueLayout.JAVA_BYTE, at + 192 + group);
        }
        for (int i = 0; i < 256; i++) {
            int upper = i / 128; // each half of the block has 64 bytes of low nibbles and 32 of high bit pairs
            int quarter = i % 128 / 32;
            int low = unsigned(at + 64 * upper + 32 * (quarter % 2) + i % 32) >> 4 * (quarter / 2) & 15;
            int high = unsigned(at + 128 + 32 * upper + i % 32) >> 2 * quarter & 3;
            q[256 * b + i] = (low | high << 4) - 32;
        }
    }

    private float half(long at) {
        return Float.float16ToFloat(data.get(Tensor.SHORT, at));
    }

    private int unsigned(long at) {
        return data.get(ValueLayout.JAVA_BYTE, at) & 255;
    }
}
