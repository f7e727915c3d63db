package dev.hearth.ffi;

import dev.hearth.ffi.generated.hearth_cpu_h;
import dev.hearth.spi.RowFunction;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Functions of whole rows and mixtures of their streams by the kernels of one instruction set. Shapes have been checked by
 * {@link dev.hearth.spi.host.HostOps}. Immutable; for any thread, on disjoint ranges.
 */
public final class NativeStreams {
    private final CpuKernels kernels;
    private final MemorySegment table;

    /** The operations by {@code kernels}. */
    public NativeStreams(CpuKernels kernels) {
        this.kernels = kernels;
        this.table = kernels.table();
    }

    /** Multiplies each column of rows [from, to) by a factor of its own. */
    public void scale(Tensor inOut, HostWeight factors, long from, long to) {
        NativeRows.check("hearth_scale_columns", from, to, inOut, inOut);
        kernels.check(
                "hearth_scale_columns",
                hearth_cpu_h.hearth_scale_columns(
                        table,
                        NativeRows.row(inOut, from),
                        CpuKernels.address(factors),
                        inOut.width(),
                        to - from,
                        inOut.rowStride()));
    }

    /** Applies a function to rows [from, to). */
    public void map(Tensor out, Tensor x, RowFunction function, long from, long to) {
        switch (function) {
            case RowFunction.Clamp f -> map(0, out, x, f.limit(), 0, 0, 0, from, to);
            case RowFunction.Sparse f -> map(1, out, x, f.deviations(), 0, 0, 0, from, to);
            case RowFunction.Int8 f -> map(2, out, x, f.least(), 0, 0, 0, from, to);
            case RowFunction.Xielu f -> map(3, out, x, f.positive(), f.negative(), f.linear(), f.most(), from, to);
        }
    }

    private void map(int function, Tensor out, Tensor x, float a, float b, float c, float d, long from, long to) {
        NativeRows.check("hearth_map", from, to, out, x);
        kernels.check(
                "hearth_map",
                hearth_cpu_h.hearth_map(
                        table,
                        function,
                        NativeRows.row(out, from),
                        NativeRows.row(x, from),
                        a,
                        b,
                        c,
                        d,
                        x.width(),
                        to - from,
                        out.rowStride(),
                        x.rowStride()));
    }

    /** Mixes the streams of rows [from, to). */
    public void mix(Tensor out, Tensor x, Tensor weights, int streams, long from, long to) {
        NativeRows.check("hearth_mix", from, to, out, x);
        NativeRows.check("hearth_mix", from, to, weights, weights);
        long size = x.width() / streams;
        kernels.check(
                "hearth_mix",
                hearth_cpu_h.hearth_mix(
                        table,
                        NativeRows.row(out, from),
                        NativeRows.row(x, from),
                        NativeRows.row(weights, from),
                        out.width() / size,
                        streams,
                        size,
                        to - from,
                        out.rowStride(),
                        x.rowStride(),
                        weights.rowStride()));
    }

    /** Makes rows [from, to) as large as those of {@code like}. */
    public void resize(Tensor inOut, Tensor like, float least, long from, long to) {
        NativeRows.check("hearth_resize", from, to, inOut, like);
        kernels.check(
                "hearth_resize",
                hearth_cpu_h.hearth_resize(
                        table,
                        NativeRows.row(inOut, from),
                        NativeRows.row(like, from),
                        least,
                        inOut.width(),
                        to - from,
                        inOut.rowStride(),
                        like.rowStride()));
    }

    /** The greatest of each {@code size} neighbours: elements [from, to) of {@code out}, row by row. */
    public void maxima(Tensor out, Tensor x, int size, long from, long to) {
        long perRow = out.width();
        NativeRows.check("hearth_maxima", from / perRow, (to + perRow - 1) / perRow, out, x);
        for (long at = from; at < to; ) {
            long row = at / perRow;
            long block = at % perRow;
            long count = Math.min(perRow - block, to - at);
            long start = block * size;
            kernels.check(
                    "hearth_maxima",
                    hearth_cpu_h.hearth_maxima(
                            table,
                            NativeRows.row(out, row) + Float.BYTES * block,
                            NativeRows.row(x, row) + Float.BYTES * start,
                            size,
                            Math.min(x.width() - start, count * size)));
            at += count;
        }
    }
}
