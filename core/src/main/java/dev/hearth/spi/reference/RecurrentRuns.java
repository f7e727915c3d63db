package dev.hearth.spi.reference;

import dev.hearth.spi.Batch;
import dev.hearth.spi.RecurrentView;
import dev.hearth.tensor.HostBuffer;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The tokens of each sequence of a step, and where its state of fixed size lies. */
public final class RecurrentRuns {
    private final RecurrentView state;
    private final Batch batch;

    /** The sequences of a step. */
    public RecurrentRuns(RecurrentView state, Batch batch) {
        this.state = state;
        this.batch = batch;
    }

    /** What is done with the tokens [first, end) of one sequence. */
    @FunctionalInterface
    public interface Run {
        /** Does it. */
        void of(int sequence, long first, long end);
    }

    /** Each sequence in turn. */
    public void forEach(Run run) {
        long first = 0;
        for (long t = 1; t <= batch.tokenCount(); t++) {
            int sequence = batch.sequences().getInt(first, 0);
            if (t == batch.tokenCount() || batch.sequences().getInt(t, 0) != sequence) {
                run.of(sequence, first, t);
                first = t;
            }
        }
    }

    /** Fills {@code to} with a sequence's numbers from {@code offset} on as they are before its token {@code first}; zeros at its beginning. */
    public void load(int sequence, long first, int offset, float[] to) {
        if (batch.positions().getInt(first, 0) == 0) {
            Arrays.fill(to, 0);
        } else {
            MemorySegment.copy(memory(), Tensor.FLOAT, at(sequence, offset), to, 0, to.length);
        }
    }

    /** Keeps a sequence's numbers from {@code offset} on. */
    public void save(int sequence, int offset, float[] from) {
        MemorySegment.copy(from, 0, memory(), Tensor.FLOAT, at(sequence, offset), from.length);
    }

    private MemorySegment memory() {
        return ((HostBuffer) state.pool()).segment();
    }

    private long at(int sequence, int offset) {
        return state.offset(state.slots().getInt(sequence, 0)) + 4L * offset;
    }
}
