package dev.hearth.spi.host;

import dev.hearth.spi.Batch;
import dev.hearth.spi.DeltaSpec;
import dev.hearth.spi.RecurrentView;
import dev.hearth.spi.ScanSpec;
import dev.hearth.spi.ScanWeights;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.HashSet;
import java.util.Set;

/** Checks of the operations with a state of fixed size, before kernels read or write it. */
final class RecurrentBounds {
    private final String operation;
    private final RecurrentView state;
    private final long offset;
    private final long size;

    /** For an operation on {@code size} numbers of the layer's state from {@code offset} on. */
    RecurrentBounds(String operation, RecurrentView state, long offset, long size) {
        this.operation = operation;
        this.state = state;
        this.offset = offset;
        this.size = size;
    }

    /** Every sequence has a slot of its own in the pool, its tokens together and in order; all inputs have a row a token. */
    void check(Batch batch, Tensor... inputs) {
        for (Tensor input : inputs) {
            if (input.rows() != batch.tokenCount() || input.type() != DType.F32) {
                throw new IllegalArgumentException(
                        operation + ": expected F32 with " + batch.tokenCount() + " rows, found " + input);
            }
        }
        if (offset < 0 || size > state.layout().size() - offset) {
            throw new IllegalArgumentException(operation + ": the layer's state of "
                    + state.layout().size() + " numbers does not hold " + size + " from " + offset + " on");
        }
        Set<Integer> slots = new HashSet<>();
        for (long t = 0; t < batch.tokenCount(); t++) {
            int sequence = batch.sequences().getInt(t, 0);
            boolean follows = t > 0 && batch.sequences().getInt(t - 1, 0) == sequence;
            if (follows) {
                if (batch.positions().getInt(t, 0) != batch.positions().getInt(t - 1, 0) + 1) {
                    throw new IllegalArgumentException(operation + ": token " + t + ": expected position "
                            + (batch.positions().getInt(t - 1, 0) + 1) + ", found "
                            + batch.positions().getInt(t, 0));
                }
            } else if (batch.positions().getInt(t, 0) < 0) {
                throw new IllegalArgumentException(operation + ": token " + t + ": expected a position, found "
                        + batch.positions().getInt(t, 0));
            } else {
                checkSlot(sequence, slots);
            }
        }
    }

    private void checkSlot(int sequence, Set<Integer> slots) {
        if (sequence < 0 || sequence >= state.slots().rows()) {
            throw new IllegalArgumentException(
                    operation + ": expected a sequence below " + state.slots().rows() + ", found " + sequence);
        }
        int slot = state.slots().getInt(sequence, 0);
        long count = state.pool().byteSize() / state.layout().slotBytes();
        if (slot < 0 || slot >= count || !slots.add(slot)) {
            throw new IllegalArgumentException(operation + ": sequence " + sequence
                    + ": expected a slot of its own below " + count + ", found " + slot);
        }
    }

    static void vector(String operation, HostWeight weight, long elements) {
        if (weight.type() != DType.F32 || weight.shape().elements() != elements) {
            throw new IllegalArgumentException(operation + ": " + weight.name() + ": expected F32 of " + elements
                    + " elements, found " + weight.type() + " " + weight.shape());
        }
    }

    static void scan(ScanSpec spec, Tensor x, Tensor steps, Tensor b, ScanWeights weights) {
        boolean fits = spec.headCount() > 0
                && spec.headDim() > 0
                && spec.stateSize() > 0
                && spec.minStep() <= spec.maxStep()
                && spec.groupCount() > 0
                && spec.headCount() % spec.groupCount() == 0
                && x.width() == (long) spec.headCount() * spec.headDim()
                && steps.width() == spec.headCount()
                && b.width() == (long) spec.groupCount() * spec.stateSize();
        if (!fits) {
            throw new IllegalArgumentException(
                    "scan: these do not fit each other: " + x + " " + steps + " " + b + " " + spec);
        }
        HostWeight rates = HostChecks.host("scan", weights.decay());
        long width = rates.shape().width() == 1 ? 1 : spec.stateSize();
        vector("scan", rates, spec.headCount() * width);
        if (rates.shape().rank() != 2) {
            throw new IllegalArgumentException("scan: expected decay [heads, 1 or state size], found " + rates.shape());
        }
        vector("scan", HostChecks.host("scan", weights.skip()), spec.headCount());
        if (weights.stepBias() != null) {
            vector("scan", HostChecks.host("scan", weights.stepBias()), spec.headCount());
        }
    }

    static void delta(DeltaSpec spec, Tensor queries, Tensor values, Tensor steps) {
        boolean fits = spec.keyHeadCount() > 0
                && spec.valueHeadCount() > 0
                && spec.keyDim() > 0
                && spec.valueDim() > 0
                && spec.valueHeadCount() % spec.keyHeadCount() == 0
                && queries.width() == (long) spec.keyHeadCount() * spec.keyDim()
                && values.width() == (long) spec.valueHeadCount() * spec.valueDim()
                && steps.width() == spec.valueHeadCount();
        if (!fits) {
            throw new IllegalArgumentException(
                    "delta: these do not fit each other: " + queries + " " + values + " " + steps + " " + spec);
        }
    }
}
