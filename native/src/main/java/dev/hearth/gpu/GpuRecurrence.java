package dev.hearth.gpu;

import dev.hearth.spi.Batch;
import dev.hearth.spi.ConvolutionSpec;
import dev.hearth.spi.DeltaSpec;
import dev.hearth.spi.RecurrentView;
import dev.hearth.spi.ScanSpec;
import dev.hearth.spi.ScanWeights;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Launches of operations with a state of fixed size: a block for a part of the channels and a row of slots. Used by the queue's thread. */
final class GpuRecurrence {
    private static final int LANES = 16; // that make a sum of 16

    private final RowKernels rows;
    private final Launches launches;

    GpuRecurrence(RowKernels rows, Launches launches) {
        this.rows = rows;
        this.launches = launches;
    }

    /** The struct States of recurrence.h. */
    private Parameters states(RecurrentView state, int offset, Batch batch) {
        launches.begin().put(Parameters.address(state.pool()) + state.offset(0) + 4L * offset);
        launches.parameters().put(state.layout().slotBytes()).integers(state.slots());
        launches.parameters().integers(batch.sequences()).integers(batch.positions());
        return launches.parameters().put(batch.tokenCount());
    }

    private void launch(GpuKernel kernel, long blocks, RecurrentView state, Batch batch) {
        launches.launch(
                kernel, batch.tokenCount() == 0 ? 0 : blocks, state.slots().rows());
    }

    void convolve(
            Tensor out,
            Tensor x,
            RecurrentView state,
            HostWeight filter,
            @Nullable HostWeight bias,
            ConvolutionSpec spec,
            Batch batch) {
        states(state, spec.stateOffset(), batch).rows(out).rows(x).vector(filter, 0);
        launches.parameters().vector(bias, 0).put(x.width()).put(spec.kernelSize());
        launches.parameters().put(spec.silu() ? 1 : 0);
        launch(rows.convolve(), Launches.blocks(x.width(), GpuDriver.THREADS), state, batch);
    }

    void scan(
            Tensor out,
            Tensor x,
            Tensor steps,
            Tensor b,
            Tensor c,
            ScanWeights weights,
            RecurrentView state,
            ScanSpec spec,
            Batch batch) {
        HostWeight rates = (HostWeight) weights.decay();
        boolean ownRates = spec.stateSize() > 1 && rates.shape().width() == spec.stateSize();
        states(state, spec.stateOffset(), batch)
                .rows(out)
                .rows(x)
                .rows(steps)
                .rows(b)
                .rows(c);
        launches.parameters()
                .vector(rates, 0)
                .vector(weights.skip(), 0)
                .vector(weights.stepBias(), 0)
                .put(spec.headCount())
                .put(spec.headDim());
        launches.parameters().put(spec.stateSize()).put(spec.groupCount()).put(ownRates ? 1 : 0);
        launches.parameters().put(spec.minStep()).put(spec.maxStep());
        launch(rows.scan(), Launches.blocks(x.width() * LANES, GpuDriver.THREADS), state, batch);
    }

    void delta(
            Tensor out,
            Tensor queries,
            Tensor keys,
            Tensor values,
            Tensor steps,
            Tensor beta,
            HostWeight decay,
            HostWeight stepBias,
            RecurrentView state,
            DeltaSpec spec,
            Batch batch) {
        states(state, spec.stateOffset(), batch)
                .rows(out)
                .rows(queries)
                .rows(keys)
                .rows(values);
        launches.parameters().rows(steps).rows(beta).vector(decay, 0).vector(stepBias, 0);
        launches.parameters().put(spec.keyHeadCount()).put(spec.valueHeadCount());
        launches.parameters().put(spec.keyDim()).put(spec.valueDim());
        launches.parameters().put(spec.sharing() == DeltaSpec.Sharing.TURNS ? 1 : 0);
        launches.parameters().put(1 / (float) Math.sqrt(spec.keyDim()));
        long parts = Launches.blocks(spec.valueDim(), GpuDriver.THREADS);
        launch(rows.delta(), spec.valueHeadCount() * parts, state, batch);
    }

    void wkv(
            Tensor out,
            Tensor keys,
            Tensor values,
            HostWeight decay,
            HostWeight bonus,
            RecurrentView state,
            int stateOffset,
            Batch batch) {
        states(state, stateOffset, batch).rows(out).rows(keys).rows(values);
        launches.parameters().vector(decay, 0).vector(bonus, 0).put(out.width());
        launch(rows.wkv(), Launches.blocks(out.width(), GpuDriver.THREADS), state, batch);
    }
}
