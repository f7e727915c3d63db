package dev.hearth.cpu;

import static dev.hearth.cpu.VectorMath.F;
import static dev.hearth.cpu.VectorMath.LANES;

import dev.hearth.spi.NormSpec;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/** {@link dev.hearth.spi.Ops#addNorm} for a range of rows whose groups are multiples of 16; one call, one thread. */
final class VectorNorm {
    private final Tensor out;
    private final Tensor residual;
    private final @Nullable Tensor delta;
    private final NormSpec spec;
    private final int width;
    private final float[] weight;
    private final float[] row;
    private final float[] added;
    private final float[] sums = new float[16];

    VectorNorm(Tensor out, Tensor residual, @Nullable Tensor delta, HostWeight weight, NormSpec spec) {
        this.out = out;
        this.residual = residual;
        this.delta = delta;
        this.spec = spec;
        width = Math.toIntExact(out.width());
        this.weight = new float[spec.groupSize()];
        MemorySegment.copy(weight.data(), Tensor.FLOAT, 0, this.weight, 0, this.weight.length);
        row = new float[width];
        added = new float[delta == null ? 0 : width];
    }

    /** Rows [from, to). */
    void run(long from, long to) {
        MemorySegment values = residual.segment();
        MemorySegment result = out.segment();
        for (long t = from; t < to; t++) {
            MemorySegment.copy(values, Tensor.FLOAT, t * residual.rowBytes(), row, 0, width);
            if (delta != null) {
                MemorySegment.copy(delta.segment(), Tensor.FLOAT, t * delta.rowBytes(), added, 0, width);
                for (int i = 0; i < width; i += LANES) {
                    FloatVector.fromArray(F, row, i)
                            .add(FloatVector.fromArray(F, added, i))
                            .intoArray(row, i);
                }
                MemorySegment.copy(row, 0, values, Tensor.FLOAT, t * residual.rowBytes(), width);
            }
            for (int start = 0; start < width; start += spec.groupSize()) {
                norm(start);
            }
            MemorySegment.copy(row, 0, result, Tensor.FLOAT, t * out.rowBytes(), width);
        }
    }

    private void norm(int start) {
        int size = spec.groupSize();
        for (int lane = 0; lane < 16; lane += LANES) {
            FloatVector sum = FloatVector.zero(F);
            for (int i = start + lane; i < start + size; i += 16) {
                FloatVector x = FloatVector.fromArray(F, row, i);
                sum = x.fma(x, sum);
            }
            sum.intoArray(sums, lane);
        }
        float r = 1 / (float) Math.sqrt(VectorMath.fold16(sums, 0) / size + spec.epsilon());
        for (int i = 0; i < size; i += LANES) {
            FloatVector.fromArray(F, row, start + i)
                    .mul(r)
                    .mul(FloatVector.fromArray(F, weight, i))
                    .intoArray(row, start + i);
        }
    }
}
