package dev.hearth.spi.reference;

import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * One row of a weight taken apart: for block-quantised types the integers and scales that {@link dev.hearth.tensor.DType} gives,
 * each value being {@code (d * scale) * q - dmin * minimum} with every product and the difference rounded to F32; for plain
 * types the values themselves. Reused from row to row; one thread at a time.
 */
public final class BlockRow {
    /** Values that share an integer scale. */
    public static final int GROUP = 16;

    private final HostWeight weight;
    private final int blockSize;
    private final int width;
    private final MemorySegment data;
    private final BlockDecoder decoder;

    /** Quantised values, offset already subtracted. */
    public final int[] q;

    /** Integer scale of each group of 16; 1 where the type has none. */
    public final int[] scale;

    /** Integer minimum of each group of 16; 0 where the type has none. */
    public final int[] minimum;

    /** Scale of each block. */
    public final float[] d;

    /** Scale of the minima of each block. */
    public final float[] dmin;

    /** For rows of this weight. */
    public BlockRow(HostWeight weight) {
        this.weight = weight;
        this.data = weight.data();
        this.blockSize = weight.type().blockSize();
        this.width = Math.toIntExact(weight.shape().width());
        boolean blocks = weight.type().isQuantised();
        this.decoder = BlockDecoder.of(weight);
        q = new int[blocks ? width : 0];
        scale = new int[blocks ? width / GROUP : 0];
        minimum = new int[blocks ? width / GROUP : 0];
        d = new float[blocks ? width / blockSize : 0];
        dmin = new float[blocks ? width / blockSize : 0];
    }

    /** Whether the type has minima. */
    public boolean hasMinima() {
        return switch (weight.type()) {
            case Q4_1, Q5_1, Q2_K, Q4_K, Q5_K -> true;
            default -> false;
        };
    }

    /** The F32 values of a row. */
    public void values(long row, float[] out) {
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
    public void decode(long row) {
        long at = row * weight.rowBytes();
        for (int b = 0; b < width / blockSize; b++, at += weight.type().blockBytes()) {
            decoder.decode(data, at, this, b);
        }
    }
}
