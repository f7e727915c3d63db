package dev.hearth.cpu;

import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.reference.BlockRow;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * {@link dev.hearth.spi.Ops#linear} with int8 activations for block types that have no vector code of their own: each row is
 * taken apart once for all tokens, its integer products are loops that the compiler turns into vectors. One call, one thread.
 */
final class DecodedLinear {
    private static final int GROUP = BlockRow.GROUP;

    private final Tensor out;
    private final Tensor x;
    private final @Nullable HostWeight bias;
    private final BlockRow row;
    private final int width;
    private final int size;
    private final int[] values; // of one token
    private final int[] sums; // of every 16 of them
    private final float[] p = new float[8];

    DecodedLinear(Tensor out, Tensor x, HostWeight weight, @Nullable HostWeight bias) {
        this.out = out;
        this.x = x;
        this.bias = bias;
        row = new BlockRow(weight);
        width = Math.toIntExact(x.width());
        size = weight.type().blockSize();
        int rows = Math.toIntExact(x.rows());
        values = new int[rows * width];
        sums = new int[row.hasMinima() ? rows * width / GROUP : 0];
    }

    /** Whether this is how the type is multiplied. */
    static boolean serves(DType weight, DType x) {
        return x.isQuantised()
                && switch (weight) {
                    case Q8_0, Q4_0, Q4_K, Q6_K -> false;
                    default -> true;
                };
    }

    /** Rows [from, to) of the weight for every token. */
    void run(long from, long to) {
        read();
        for (long r = from; r < to; r++) {
            row.decode(r);
            float b = bias == null ? 0 : bias.data().get(Tensor.FLOAT, 4 * r);
            for (int t = 0; t < x.rows(); t++) {
                float dot = dot(t);
                out.setFloat(t, r, bias == null ? dot : dot + b);
            }
        }
    }

    private void read() {
        MemorySegment memory = x.segment();
        for (int t = 0; t < x.rows(); t++) {
            long at = t * x.rowBytes();
            for (int i = 0; i < width; i++) {
                values[t * width + i] = memory.get(ValueLayout.JAVA_BYTE, at + i);
            }
        }
        for (int g = 0; g < sums.length; g++) {
            for (int i = 0; i < GROUP; i++) {
                sums[g] += values[GROUP * g + i];
            }
        }
    }

    private float dot(int t) {
        java.util.Arrays.fill(p, 0);
        long scales = t * x.rowBytes() + width;
        for (int b = 0; b < width / size; b++) {
            int exact = 0;
            for (int g = b * size / GROUP; g < (b + 1) * size / GROUP; g++) {
                int part = 0;
                for (int i = GROUP * g; i < GROUP * g + GROUP; i++) {
                    part += row.q[i] * values[t * width + i];
                }
                exact += row.scale[g] * part;
            }
            float scale = x.segment().get(Tensor.FLOAT, scales + 4L * b);
            p[b % 8] = Math.fma(row.d[b] * scale, (float) exact, p[b % 8]);
            if (sums.length > 0) {
                p[b % 8] = Math.fma(-(row.dmin[b] * scale), (float) minima(t, b), p[b % 8]);
            }
        }
        return ((p[0] + p[4]) + (p[2] + p[6])) + ((p[1] + p[5]) + (p[3] + p[7]));
    }

    private int minima(int t, int b) {
        int sum = 0;
        for (int g = b * size / GROUP; g < (b + 1) * size / GROUP; g++) {
            sum += row.minimum[g] * sums[t * (width / GROUP) + g];
        }
        return sum;
    }
}
