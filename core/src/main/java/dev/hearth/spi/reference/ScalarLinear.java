package dev.hearth.spi.reference;

import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.Bfloat16;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** The specification of {@link dev.hearth.spi.Ops#linear}. Used by one thread. */
final class ScalarLinear {
    private final BlockRow row;
    private final float @Nullable [] bias;

    ScalarLinear(HostWeight weight, float @Nullable [] bias) {
        this.row = new BlockRow(weight);
        this.bias = bias;
    }

    /** Rows [from, to) of the weight. */
    void rows(Tensor out, Tensor x, long from, long to) {
        float[] values = new float[(int) x.width()];
        boolean plain = !x.type().isQuantised();
        for (long i = from; i < to; i++) {
            if (plain) {
                row.values(i, values);
            } else {
                row.decode(i);
            }
            for (long t = 0; t < x.rows(); t++) {
                float dot = switch (x.type()) {
                    case F32 -> dot(x, t, values);
                    case BF16 -> pairDot(x, t, values);
                    default -> blockDot(x, t);
                };
                out.setFloat(t, i, bias == null ? dot : dot + bias[(int) i]);
            }
        }
    }

    private static float dot(Tensor x, long t, float[] values) {
        float[] sums = new float[16];
        for (int k = 0; k < values.length; k++) {
            sums[k % 16] = Math.fma(x.getFloat(t, k), values[k], sums[k % 16]);
        }
        return ScalarMath.fold16(sums);
    }

    private static float pairDot(Tensor x, long t, float[] values) {
        float[] sums = new float[16];
        for (int pair = 0; pair < (values.length + 31) / 32 * 16; pair++) {
            float sum = sums[pair % 16];
            for (int k = 2 * pair + 1; k >= 2 * pair; k--) {
                float a = k < values.length ? ScalarMath.normal(bfloat(x, t, k)) : 0;
                float b = k < values.length ? ScalarMath.normal(values[k]) : 0;
                sum = ScalarMath.normal(Math.fma(a, b, sum));
            }
            sums[pair % 16] = sum;
        }
        for (int half = 8; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                sums[i] = ScalarMath.normal(sums[i] + sums[i + half]);
            }
        }
        return sums[0];
    }

    private static float bfloat(Tensor x, long row, int k) {
        return Bfloat16.value(x.segment().get(Tensor.SHORT, row * x.rowBytes() + 2L * k));
    }

    private float blockDot(Tensor x, long t) {
        MemorySegment a = x.segment();
        long start = t * x.rowBytes();
        int size = x.type().blockSize();
        float[] p = new float[8];
        for (int b = 0; b < row.d.length; b++) {
            int sum = 0;
            for (int group = b * size / BlockRow.GROUP; group < (b + 1) * size / BlockRow.GROUP; group++) {
                int part = 0;
                for (int i = group * BlockRow.GROUP; i < (group + 1) * BlockRow.GROUP; i++) {
                    part += row.q[i] * a.get(ValueLayout.JAVA_BYTE, start + i);
                }
                sum += row.scale[group] * part;
            }
            float scale = a.get(Tensor.FLOAT, start + x.width() + 4L * b);
            p[b % 8] = Math.fma(row.d[b] * scale, (float) sum, p[b % 8]);
            if (row.hasMinima()) {
                int sums = 0;
                for (int i = b * size; i < (b + 1) * size; i++) {
                    sums += row.minimum[i / BlockRow.GROUP] * a.get(ValueLayout.JAVA_BYTE, start + i);
                }
                p[b % 8] = Math.fma(-(row.dmin[b] * scale), (float) sums, p[b % 8]);
            }
        }
        return ScalarMath.fold8(p);
    }
}
