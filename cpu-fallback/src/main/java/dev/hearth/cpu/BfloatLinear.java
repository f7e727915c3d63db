package dev.hearth.cpu;

import static dev.hearth.cpu.VectorMath.F;
import static dev.hearth.cpu.VectorMath.I;
import static dev.hearth.cpu.VectorMath.LANES;

import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.reference.ScalarMath;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.jspecify.annotations.Nullable;

/**
 * {@link dev.hearth.spi.Ops#linear} of BF16 activations for a range of weight rows; one call, one thread. A row lies as floats, the
 * second ones of 16 pairs before their first ones, so that its sums go on from 16 to 16.
 */
final class BfloatLinear {
    private static final int PAIRS = 16;
    private static final int MOST_TOKENS = 32; // taken apart at a time

    private final Tensor out;
    private final Tensor x;
    private final HostWeight weight;
    private final @Nullable HostWeight bias;
    private final int width;
    private final int stride; // of a row taken apart; zeros behind its end
    private final int[] pairs;
    private final MemorySegment bytes; // of the pairs
    private final float[] row;
    private final float[] tokens;
    private final float[] sums = new float[PAIRS];

    BfloatLinear(Tensor out, Tensor x, HostWeight weight, @Nullable HostWeight bias) {
        this.out = out;
        this.x = x;
        this.weight = weight;
        this.bias = bias;
        width = Math.toIntExact(x.width());
        stride = (width + 2 * PAIRS - 1) / (2 * PAIRS) * (2 * PAIRS);
        pairs = new int[stride / 2];
        bytes = MemorySegment.ofArray(pairs);
        row = new float[stride];
        tokens = new float[(int) Math.min(x.rows(), MOST_TOKENS) * stride];
    }

    static boolean serves(DType weight, DType x) {
        return weight == DType.BF16 && x == DType.BF16;
    }

    /** Rows [from, to) of the weight for every token. */
    void run(long from, long to) {
        for (long first = 0; first < x.rows(); first += MOST_TOKENS) {
            int count = (int) Math.min(MOST_TOKENS, x.rows() - first);
            for (int t = 0; t < count; t++) {
                read(x.segment(), (first + t) * x.rowBytes(), tokens, t * stride);
            }
            for (long r = from; r < to; r++) {
                read(weight.data(), r * weight.rowBytes(), row, 0);
                for (int t = 0; t < count; t++) {
                    float dot = dot(t * stride);
                    out.setFloat(
                            first + t, r, bias == null ? dot : dot + bias.data().get(Tensor.FLOAT, 4 * r));
                }
            }
        }
    }

    private void read(MemorySegment from, long at, float[] to, int start) {
        MemorySegment.copy(from, at, bytes, 0, (long) DType.BF16.blockBytes() * width);
        for (int p = 0; p < pairs.length; p += LANES) {
            IntVector both = IntVector.fromArray(I, pairs, p);
            int place = start + p / PAIRS * 2 * PAIRS + p % PAIRS;
            VectorMath.normal(both.and(0xffff0000).reinterpretAsFloats()).intoArray(to, place);
            VectorMath.normal(both.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats())
                    .intoArray(to, place + PAIRS);
        }
    }

    private float dot(int at) {
        for (int lane = 0; lane < PAIRS; lane += LANES) {
            FloatVector sum = FloatVector.zero(F);
            for (int k = lane; k < stride; k += PAIRS) {
                FloatVector a = FloatVector.fromArray(F, tokens, at + k);
                sum = VectorMath.normal(a.fma(FloatVector.fromArray(F, row, k), sum));
            }
            sum.intoArray(sums, lane);
        }
        for (int half = PAIRS / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                sums[i] = ScalarMath.normal(sums[i] + sums[i + half]);
            }
        }
        return sums[0];
    }
}
