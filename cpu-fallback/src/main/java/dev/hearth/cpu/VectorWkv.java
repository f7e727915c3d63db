package dev.hearth.cpu;

import static dev.hearth.cpu.VectorMath.F;
import static dev.hearth.cpu.VectorMath.LANES;

import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.reference.RecurrentRuns;
import dev.hearth.spi.reference.ScalarRecurrence;
import dev.hearth.tensor.Tensor;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** {@link dev.hearth.spi.Ops#wkv}, a channel a lane; one call, one thread. */
final class VectorWkv {
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private final Tensor out;
    private final Tensor keys;
    private final Tensor values;
    private final HostWeight decay;
    private final HostWeight bonus;
    private final int stateOffset;
    private final RecurrentRuns runs;
    private final float[] sum = new float[LANES];
    private final float[] weights = new float[LANES];
    private final float[] most = new float[LANES];

    VectorWkv(
            Tensor out,
            Tensor keys,
            Tensor values,
            HostWeight decay,
            HostWeight bonus,
            int stateOffset,
            RecurrentRuns runs) {
        this.out = out;
        this.keys = keys;
        this.values = values;
        this.decay = decay;
        this.bonus = bonus;
        this.stateOffset = stateOffset;
        this.runs = runs;
    }

    /** Channels [from, to), a multiple of {@link VectorMath#LANES} of them. */
    void run(int from, int to) {
        int channels = Math.toIntExact(out.width());
        for (int each = from; each < to; each += LANES) {
            int channel = each;
            int offset = stateOffset + channel;
            runs.forEach((sequence, first, end) -> {
                runs.load(sequence, first, offset, sum);
                runs.load(sequence, first, offset + channels, weights);
                runs.load(sequence, first, offset + 2 * channels, most);
                tokens(channel, first, end);
                runs.save(sequence, offset, sum);
                runs.save(sequence, offset + channels, weights);
                runs.save(sequence, offset + 2 * channels, most);
            });
        }
    }

    private void tokens(int channel, long first, long end) {
        FloatVector a = FloatVector.fromArray(F, sum, 0);
        FloatVector b = FloatVector.fromArray(F, weights, 0);
        FloatVector m = FloatVector.fromArray(F, most, 0);
        FloatVector rate = FloatVector.fromMemorySegment(F, decay.data(), 4L * channel, ORDER);
        FloatVector more = FloatVector.fromMemorySegment(F, bonus.data(), 4L * channel, ORDER);
        for (long t = first; t < end; t++) {
            var key = FloatVector.fromMemorySegment(F, keys.segment(), t * keys.rowBytes() + 4L * channel, ORDER);
            var value = FloatVector.fromMemorySegment(F, values.segment(), t * values.rowBytes() + 4L * channel, ORDER);
            FloatVector own = key.add(more);
            FloatVector last = m.blend(ScalarRecurrence.LOWEST, b.compare(VectorOperators.EQ, 0f));
            FloatVector n = last.max(own);
            FloatVector p = VectorMath.exp(last.sub(n));
            FloatVector q = VectorMath.exp(own.sub(n));
            a.fma(p, q.mul(value))
                    .div(b.fma(p, q))
                    .intoMemorySegment(out.segment(), t * out.rowBytes() + 4L * channel, ORDER);
            FloatVector decayed = last.add(rate);
            m = decayed.max(key);
            p = VectorMath.exp(decayed.sub(m));
            q = VectorMath.exp(key.sub(m));
            a = a.fma(p, q.mul(value));
            b = b.fma(p, q);
        }
        a.intoArray(sum, 0);
        b.intoArray(weights, 0);
        m.intoArray(most, 0);
    }
}
