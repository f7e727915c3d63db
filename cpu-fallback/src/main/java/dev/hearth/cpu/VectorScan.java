package dev.hearth.cpu;

import static dev.hearth.cpu.VectorMath.F;
import static dev.hearth.cpu.VectorMath.LANES;

import dev.hearth.spi.ScanSpec;
import dev.hearth.spi.ScanWeights;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.reference.RecurrentRuns;
import dev.hearth.spi.reference.ScalarRecurrence;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/** {@link dev.hearth.spi.Ops#scan} with states of a multiple of 16 numbers, a number a lane; one call, one thread. */
final class VectorScan {
    private final Tensor out;
    private final Tensor x;
    private final Tensor steps;
    private final Tensor b;
    private final Tensor c;
    private final ScanWeights weights;
    private final ScanSpec spec;
    private final RecurrentRuns runs;
    private final int size;
    private final float[] state;
    private final float[] rates;
    private final float[] keep;
    private final float[] input;
    private final float[] output;
    private final float[] sums = new float[16];

    VectorScan(
            Tensor out,
            Tensor x,
            Tensor steps,
            Tensor b,
            Tensor c,
            ScanWeights weights,
            ScanSpec spec,
            RecurrentRuns runs) {
        this.out = out;
        this.x = x;
        this.steps = steps;
        this.b = b;
        this.c = c;
        this.weights = weights;
        this.spec = spec;
        this.runs = runs;
        size = spec.stateSize();
        state = new float[spec.headDim() * size];
        rates = new float[size];
        keep = new float[size];
        input = new float[size];
        output = new float[size];
    }

    /** Whether this is how states are worked on. */
    static boolean serves(ScanSpec spec) {
        return spec.stateSize() % 16 == 0;
    }

    /** Heads [from, to). */
    void run(int from, int to) {
        HostWeight decay = (HostWeight) weights.decay();
        for (int each = from; each < to; each++) {
            int head = each;
            int own = Math.toIntExact(decay.shape().width());
            MemorySegment.copy(decay.data(), Tensor.FLOAT, 4L * head * own, rates, 0, own);
            Arrays.fill(rates, own, size, rates[0]);
            int offset = spec.stateOffset() + head * state.length;
            runs.forEach((sequence, first, end) -> {
                runs.load(sequence, first, offset, state);
                for (long t = first; t < end; t++) {
                    token(t, head);
                }
                runs.save(sequence, offset, state);
            });
        }
    }

    private void token(long t, int head) {
        float step = ScalarRecurrence.step(steps.getFloat(t, head), weights.stepBias(), head);
        step = Math.max(spec.minStep(), Math.min(spec.maxStep(), step));
        long group = 4L * size * (head / (spec.headCount() / spec.groupCount()));
        MemorySegment.copy(b.segment(), Tensor.FLOAT, t * b.rowBytes() + group, input, 0, size);
        MemorySegment.copy(c.segment(), Tensor.FLOAT, t * c.rowBytes() + group, output, 0, size);
        for (int i = 0; i < size; i += LANES) {
            VectorMath.exp(FloatVector.fromArray(F, rates, i).mul(step)).intoArray(keep, i);
            FloatVector.fromArray(F, input, i).mul(step).intoArray(input, i);
        }
        float skip = ((HostWeight) weights.skip()).data().get(Tensor.FLOAT, 4L * head);
        for (int p = 0; p < spec.headDim(); p++) {
            long channel = (long) head * spec.headDim() + p;
            float value = x.getFloat(t, channel);
            out.setFloat(t, channel, Math.fma(value, skip, channel(p * size, value)));
        }
    }

    /** The numbers of a channel from {@code at} on take the token in; what is read of them. */
    private float channel(int at, float value) {
        for (int lane = 0; lane < 16; lane += LANES) {
            FloatVector sum = FloatVector.zero(F);
            for (int i = lane; i < size; i += 16) {
                FloatVector added = FloatVector.fromArray(F, input, i).mul(value);
                FloatVector next =
                        FloatVector.fromArray(F, state, at + i).fma(FloatVector.fromArray(F, keep, i), added);
                next.intoArray(state, at + i);
                sum = next.fma(FloatVector.fromArray(F, output, i), sum);
            }
            sum.intoArray(sums, lane);
        }
        return VectorMath.fold16(sums, 0);
    }
}
