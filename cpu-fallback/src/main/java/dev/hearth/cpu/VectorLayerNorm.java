package dev.hearth.cpu;

import static dev.hearth.cpu.VectorMath.F;
import static dev.hearth.cpu.VectorMath.LANES;

import dev.hearth.spi.NormSpec;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/** {@link dev.hearth.spi.Ops#layerNorm} without its addition, of rows whose groups are multiples of 16; one call, one thread. */
final class VectorLayerNorm {
    private final Tensor out;
    private final Tensor x;
    private final NormSpec spec;
    private final float[] weight;
    private final float @Nullable [] bias;
    private final float[] row;
    private final float[] sums = new float[16];

    VectorLayerNorm(Tensor out, Tensor x, HostWeight weight, @Nullable HostWeight bias, NormSpec spec) {
        this.out = out;
        this.x = x;
        this.spec = spec;
        this.weight = vector(weight);
        this.bias = bias == null ? null : vector(bias);
        row = new float[Math.toIntExact(x.width())];
    }

    private float[] vector(HostWeight source) {
        float[] values = new float[spec.groupSize()];
        MemorySegment.copy(source.data(), Tensor.FLOAT, 0, values, 0, values.length);
        return values;
    }

    /** Rows [from, to). */
    void run(long from, long to) {
        for (long t = from; t < to; t++) {
            MemorySegment.copy(x.segment(), Tensor.FLOAT, t * x.rowBytes(), row, 0, row.length);
            for (int start = 0; start < row.length; start += spec.groupSize()) {
                norm(start);
            }
            MemorySegment.copy(row, 0, out.segment(), Tensor.FLOAT, t * out.rowBytes(), row.length);
        }
    }

    private void norm(int start) {
        int size = spec.groupSize();
        float mean = sum(start) / size;
        for (int i = start; i < start + size; i += LANES) {
            FloatVector.fromArray(F, row, i).sub(mean).intoArray(row, i);
        }
        float r = 1 / (float) Math.sqrt(squares(start) / size + spec.epsilon());
        for (int i = 0; i < size; i += LANES) {
            FloatVector value =
                    FloatVector.fromArray(F, row, start + i).mul(r).mul(FloatVector.fromArray(F, weight, i));
            if (bias != null) {
                value = value.add(FloatVector.fromArray(F, bias, i));
            }
            value.intoArray(row, start + i);
        }
    }

    private float sum(int start) {
        for (int lane = 0; lane < 16; lane += LANES) {
            FloatVector sum = FloatVector.zero(F);
            for (int i = start + lane; i < start + spec.groupSize(); i += 16) {
                sum = sum.add(FloatVector.fromArray(F, row, i));
            }
            sum.intoArray(sums, lane);
        }
        return VectorMath.fold16(sums, 0);
    }

    private float squares(int start) {
        for (int lane = 0; lane < 16; lane += LANES) {
            FloatVector sum = FloatVector.zero(F);
            for (int i = start + lane; i < start + spec.groupSize(); i += 16) {
                FloatVector c = FloatVector.fromArray(F, row, i);
                sum = c.fma(c, sum);
            }
            sum.intoArray(sums, lane);
        }
        return VectorMath.fold16(sums, 0);
    }
}
