package dev.hearth.cpu;

import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A few tokens' activations as floats, ready for {@link DotTiles}; int8 ones with the scales of their blocks. One thread. */
final class Activations {
    private final Tensor x;
    private final MemorySegment memory;
    private final int width;
    private final byte[] bytes;
    private final short[] shorts;

    /** Elements from one token to the next: the width up to a multiple of 16; 0 behind it. */
    final int stride;

    /** Blocks from one token to the next, a multiple of 8. */
    final int blockStride;

    /** The tokens. */
    final float[] values;

    /** Scale of each block; 0 behind a row. */
    final float[] scales;

    /** Sum of every 32, of A8_256. */
    final int[] sums;

    /** Room for {@code tokens} of {@code x}. */
    Activations(Tensor x, int tokens) {
        this.x = x;
        this.memory = x.segment();
        DType type = x.type();
        boolean codes = type.isQuantised();
        width = Math.toIntExact(x.width());
        stride = VectorMath.padded(width);
        values = new float[tokens * stride];
        bytes = new byte[codes ? width : 0];
        blockStride = codes ? (width / type.blockSize() + 7) & -8 : 0;
        scales = new float[tokens * blockStride];
        sums = new int[type == DType.A8_256 ? tokens * width / 32 : 0];
        shorts = new short[sums.length == 0 ? 0 : width / 32];
    }

    /** Reads {@code count} tokens. */
    void read(long first, int count) {
        for (int t = 0; t < count; t++) {
            long at = (first + t) * x.rowBytes();
            if (x.type().isQuantised()) {
                codes(at, t);
            } else {
                MemorySegment.copy(memory, Tensor.FLOAT, at, values, t * stride, width);
            }
        }
    }

    private void codes(long at, int t) {
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, at, bytes, 0, width);
        for (int i = 0; i < width; i++) {
            values[t * stride + i] = bytes[i];
        }
        int blocks = width / x.type().blockSize();
        MemorySegment.copy(memory, Tensor.FLOAT, at + width, scales, t * blockStride, blocks);
        if (shorts.length > 0) {
            MemorySegment.copy(memory, Tensor.SHORT, at + width + 4L * blocks, shorts, 0, shorts.length);
            for (int i = 0; i < shorts.length; i++) {
                sums[t * shorts.length + i] = shorts[i];
            }
        }
    }
}
