package dev.hearth.ffi;

import dev.hearth.ffi.generated.hearth_cpu_h;
import dev.hearth.spi.Batch;
import dev.hearth.spi.ConvolutionSpec;
import dev.hearth.spi.DeltaSpec;
import dev.hearth.spi.RecurrentView;
import dev.hearth.spi.ScanSpec;
import dev.hearth.spi.ScanWeights;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.HostBuffer;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * {@link dev.hearth.spi.host.HostKernels#convolve}, scan, delta and wkv by the kernels of one instruction set. Shapes, slots and the
 * order of tokens have been checked by {@link dev.hearth.spi.host.HostOps}. Immutable; for any thread, on disjoint ranges.
 */
public final class NativeRecurrence {
    private final CpuKernels kernels;
    private final MemorySegment table;

    /** The operations by {@code kernels}. */
    public NativeRecurrence(CpuKernels kernels) {
        this.kernels = kernels;
        this.table = kernels.table();
    }

    /** Bytes of scratch that {@link #convolve} needs. */
    public static long convolveScratchBytes(ConvolutionSpec spec) {
        return 4L * 16 * spec.kernelSize();
    }

    /** Convolves channels [from, to); {@code scratch} is {@link #convolveScratchBytes} of this thread alone. */
    public void convolve(
            Tensor out,
            Tensor x,
            RecurrentView state,
            HostWeight filter,
            @Nullable HostWeight bias,
            ConvolutionSpec spec,
            Batch batch,
            long from,
            long to,
            MemorySegment scratch) {
        check("hearth_convolve", from, to, x.width());
        kernels.check(
                "hearth_convolve",
                hearth_cpu_h.hearth_convolve(
                        table,
                        out.address(),
                        x.address(),
                        pool(state, spec.stateOffset()),
                        state.slots().address(),
                        batch.positions().address(),
                        batch.sequences().address(),
                        CpuKernels.address(filter),
                        bias == null ? 0 : CpuKernels.address(bias),
                        spec.silu() ? 1 : 0,
                        spec.kernelSize(),
                        batch.tokenCount(),
                        from,
                        to,
                        slotStride(state),
                        state.slots().rowStride(),
                        batch.positions().rowStride(),
                        batch.sequences().rowStride(),
                        out.rowStride(),
                        x.rowStride(),
                        scratch.address(),
                        scratch.byteSize()));
    }

    /** Bytes of scratch that {@link #scan} needs. */
    public static long scanScratchBytes(ScanSpec spec) {
        return 4 * (2L * spec.stateSize() + 16);
    }

    /** Scans with heads [from, to); {@code scratch} is {@link #scanScratchBytes} of this thread alone. */
    public void scan(
            Tensor out,
            Tensor x,
            Tensor steps,
            Tensor b,
            Tensor c,
            ScanWeights weights,
            RecurrentView state,
            ScanSpec spec,
            Batch batch,
            long from,
            long to,
            MemorySegment scratch) {
        check("hearth_scan", from, to, spec.headCount());
        HostWeight decay = (HostWeight) weights.decay();
        kernels.check(
                "hearth_scan",
                hearth_cpu_h.hearth_scan(
                        table,
                        out.address(),
                        x.address(),
                        steps.address(),
                        b.address(),
                        c.address(),
                        CpuKernels.address(decay),
                        CpuKernels.address((HostWeight) weights.skip()),
                        weights.stepBias() instanceof HostWeight bias ? CpuKernels.address(bias) : 0,
                        pool(state, spec.stateOffset()),
                        state.slots().address(),
                        batch.positions().address(),
                        batch.sequences().address(),
                        spec.minStep(),
                        spec.maxStep(),
                        spec.headCount(),
                        spec.headDim(),
                        spec.stateSize(),
                        spec.groupCount(),
                        decay.shape().width(),
                        batch.tokenCount(),
                        from,
                        to,
                        slotStride(state),
                        state.slots().rowStride(),
                        batch.positions().rowStride(),
                        batch.sequences().rowStride(),
                        out.rowStride(),
                        x.rowStride(),
                        steps.rowStride(),
                        b.rowStride(),
                        c.rowStride(),
                        scratch.address(),
                        scratch.byteSize()));
    }

    /** Bytes of scratch that {@link #delta} needs. */
    public static long deltaScratchBytes(DeltaSpec spec) {
        return 4 * (2L * spec.keyDim() + 16);
    }

    /** The delta rule for value heads [from, to); {@code scratch} is {@link #deltaScratchBytes} of this thread alone. */
    public void delta(
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
            Batch batch,
            long from,
            long to,
            MemorySegment scratch) {
        check("hearth_delta", from, to, spec.valueHeadCount());
        kernels.check(
                "hearth_delta",
                hearth_cpu_h.hearth_delta(
                        table,
                        spec.sharing() == DeltaSpec.Sharing.TURNS
                                ? hearth_cpu_h.HEARTH_SHARED_TURNS()
                                : hearth_cpu_h.HEARTH_SHARED_NEIGHBOURS(),
                        out.address(),
                        queries.address(),
                        keys.address(),
                        values.address(),
                        steps.address(),
                        beta.address(),
                        CpuKernels.address(decay),
                        CpuKernels.address(stepBias),
                        pool(state, spec.stateOffset()),
                        state.slots().address(),
                        batch.positions().address(),
                        batch.sequences().address(),
                        spec.valueHeadCount(),
                        spec.keyHeadCount(),
                        spec.keyDim(),
                        spec.valueDim(),
                        batch.tokenCount(),
                        from,
                        to,
                        slotStride(state),
                        state.slots().rowStride(),
                        batch.positions().rowStride(),
                        batch.sequences().rowStride(),
                        out.rowStride(),
                        queries.rowStride(),
                        keys.rowStride(),
                        values.rowStride(),
                        steps.rowStride(),
                        beta.rowStride(),
                        scratch.address(),
                        scratch.byteSize()));
    }

    /** Weighted means in channels [from, to). */
    public void wkv(
            Tensor out,
            Tensor keys,
            Tensor values,
            HostWeight decay,
            HostWeight bonus,
            RecurrentView state,
            int stateOffset,
            Batch batch,
            long from,
            long to) {
        check("hearth_wkv", from, to, out.width());
        kernels.check(
                "hearth_wkv",
                hearth_cpu_h.hearth_wkv(
                        table,
                        out.address(),
                        keys.address(),
                        values.address(),
                        CpuKernels.address(decay),
                        CpuKernels.address(bonus),
                        pool(state, stateOffset),
                        state.slots().address(),
                        batch.positions().address(),
                        batch.sequences().address(),
                        out.width(),
                        batch.tokenCount(),
                        from,
                        to,
                        slotStride(state),
                        state.slots().rowStride(),
                        batch.positions().rowStride(),
                        batch.sequences().rowStride(),
                        out.rowStride(),
                        keys.rowStride(),
                        values.rowStride()));
    }

    private static void check(String function, long from, long to, long tasks) {
        if (from < 0 || from > to || to > tasks) {
            throw new IllegalArgumentException(
                    function + ": expected a range within " + tasks + ", found " + from + " to " + to);
        }
    }

    /** Where the numbers of an operation begin in slot 0. */
    private static long pool(RecurrentView state, int stateOffset) {
        return ((HostBuffer) state.pool()).segment().address() + state.offset(0) + 4L * stateOffset;
    }

    private static long slotStride(RecurrentView state) {
        return state.layout().slotBytes() / 4;
    }
}
