package dev.hearth.cpu;

import static dev.hearth.cpu.VectorMath.F;
import static dev.hearth.cpu.VectorMath.I;
import static dev.hearth.cpu.VectorMath.LANES;

import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** {@link dev.hearth.spi.Ops#quantize} for a range of rows; one call, one thread. */
final class VectorRounding {
    private final Tensor out;
    private final Tensor x;
    private final int width;
    private final int blockSize;
    private final float[] values;
    private final int[] rounded;
    private final byte[] bytes;
    private final float[] scales;
    private final short[] sums;

    VectorRounding(Tensor out, Tensor x) {
        this.out = out;
        this.x = x;
        width = Math.toIntExact(x.width());
        blockSize = out.type().blockSize();
        values = new float[width];
        rounded = new int[width];
        bytes = new byte[width];
        scales = new float[width / blockSize];
        sums = new short[out.type() == DType.A8_256 ? width / 32 : 0];
    }

    /** Rows [from, to). */
    void run(long from, long to) {
        MemorySegment in = x.segment();
        MemorySegment memory = out.segment();
        for (long t = from; t < to; t++) {
            MemorySegment.copy(in, Tensor.FLOAT, t * x.rowBytes(), values, 0, width);
            for (int block = 0; block < scales.length; block++) {
                scales[block] = block(block * blockSize);
            }
            for (int i = 0; i < width; i++) {
                bytes[i] = (byte) rounded[i];
            }
            groupSums();
            long row = t * out.rowBytes();
            MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, row, width);
            MemorySegment.copy(scales, 0, memory, Tensor.FLOAT, row + width, scales.length);
            MemorySegment.copy(
                    sums, 0, memory, Tensor.SHORT, row + width + (long) Float.BYTES * scales.length, sums.length);
        }
    }

    /** Rounds a block and returns its scale. */
    private float block(int from) {
        IntVector most = IntVector.zero(I); // bits of |x|: compare like the float, and NaN above all
        for (int i = from; i < from + blockSize; i += LANES) {
            most = most.max(
                    FloatVector.fromArray(F, values, i).reinterpretAsInts().and(Integer.MAX_VALUE));
        }
        float amax = Float.intBitsToFloat(most.reduceLanes(VectorOperators.MAX));
        float scale = amax < 0x1p-100f ? 0 : amax <= Float.MAX_VALUE ? amax / 127 : Float.NaN;
        if (scale > 0) {
            float inverse = 1 / scale;
            for (int i = from; i < from + blockSize; i += LANES) {
                VectorMath.rint(FloatVector.fromArray(F, values, i).mul(inverse))
                        .intoArray(rounded, i);
            }
        } else {
            Arrays.fill(rounded, from, from + blockSize, 0);
        }
        return scale;
    }

    private void groupSums() {
        for (int group = 0; group < sums.length; group++) {
            int sum = 0;
            for (int i = 32 * group; i < 32 * group + 32; i++) {
                sum += rounded[i];
            }
            sums[group] = (short) sum;
        }
    }
}
