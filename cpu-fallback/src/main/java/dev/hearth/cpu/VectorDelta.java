package dev.hearth.cpu;

import static dev.hearth.cpu.VectorMath.F;
import static dev.hearth.cpu.VectorMath.LANES;

import dev.hearth.spi.DeltaSpec;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.reference.RecurrentRuns;
import dev.hearth.spi.reference.ScalarMath;
import dev.hearth.spi.reference.ScalarRecurrence;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** {@link dev.hearth.spi.Ops#delta} with values of whole vectors, a column of the state a lane; one call, one thread. */
final class VectorDelta {
    private final Tensor out;
    private final Tensor queries;
    private final Tensor keys;
    private final Tensor values;
    private final Tensor steps;
    private final Tensor beta;
    private final HostWeight decay;
    private final HostWeight stepBias;
    private final DeltaSpec spec;
    private final RecurrentRuns runs;
    private final int width;
    private final float[] state;
    private final float[] query;
    private final float[] key;
    private final float[] row; // values, which results replace

    VectorDelta(
            Tensor out,
            Tensor queries,
            Tensor keys,
            Tensor values,
            Tensor steps,
            Tensor beta,
            HostWeight decay,
            HostWeight stepBias,
            DeltaSpec spec,
            RecurrentRuns runs) {
        this.out = out;
        this.queries = queries;
        this.keys = keys;
        this.values = values;
        this.steps = steps;
        this.beta = beta;
        this.decay = decay;
        this.stepBias = stepBias;
        this.spec = spec;
        this.runs = runs;
        width = spec.valueDim();
        state = new float[spec.keyDim() * width];
        query = new float[spec.keyDim()];
        key = new float[spec.keyDim()];
        row = new float[width];
    }

    /** Whether this is how states are worked on. */
    static boolean serves(DeltaSpec spec) {
        return spec.valueDim() % LANES == 0;
    }

    /** Value heads [from, to). */
    void run(int from, int to) {
        for (int each = from; each < to; each++) {
            int head = each;
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
        int keyHead = spec.keyHead(head);
        ScalarRecurrence.normalise(queries, t, keyHead, 1 / (float) Math.sqrt(spec.keyDim()), query);
        ScalarRecurrence.normalise(keys, t, keyHead, 1, key);
        float step = ScalarRecurrence.step(steps.getFloat(t, head), stepBias, head);
        float keep = ScalarMath.exp(decay.data().get(Tensor.FLOAT, 4L * head) * step);
        float share = 1 / (1 + ScalarMath.exp(-beta.getFloat(t, head)));
        long at = 4L * head * width;
        MemorySegment.copy(values.segment(), Tensor.FLOAT, t * values.rowBytes() + at, row, 0, width);
        for (int j = 0; j < width; j += LANES) {
            columns(j, keep, share);
        }
        MemorySegment.copy(row, 0, out.segment(), Tensor.FLOAT, t * out.rowBytes() + at, width);
    }

    /** A vector of columns from {@code j} on. */
    private void columns(int j, float keep, float share) {
        FloatVector learnt = FloatVector.zero(F);
        for (int i = 0; i < key.length; i++) {
            FloatVector s = FloatVector.fromArray(F, state, i * width + j).mul(keep);
            learnt = s.fma(FloatVector.broadcast(F, key[i]), learnt);
        }
        FloatVector change = FloatVector.fromArray(F, row, j).sub(learnt).mul(share);
        FloatVector result = FloatVector.zero(F);
        for (int i = 0; i < key.length; i++) {
            FloatVector s = FloatVector.fromArray(F, state, i * width + j).mul(keep);
            s = change.fma(FloatVector.broadcast(F, key[i]), s);
            s.intoArray(state, i * width + j);
            result = s.fma(FloatVector.broadcast(F, query[i]), result);
        }
        result.intoArray(row, j);
    }
}
