package dev.hearth.ffi;

import dev.hearth.ffi.generated.hearth_cpu_h;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Batch;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.spi.RelativeTerms;
import dev.hearth.spi.Weight;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.HostBuffer;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * {@link dev.hearth.spi.host.HostKernels#store} and {@link dev.hearth.spi.host.HostKernels#attend} by the kernels of one
 * instruction set. Shapes, positions and the pages that are written have been checked by {@link dev.hearth.spi.host.HostOps};
 * every page that is read is checked here. Immutable; for any thread, on disjoint ranges.
 */
public final class NativeAttention {
    private final CpuKernels kernels;
    private final MemorySegment table;

    /** The operations by {@code kernels}. */
    public NativeAttention(CpuKernels kernels) {
        this.kernels = kernels;
        this.table = kernels.table();
    }

    /** Writes keys and values of tokens [from, to) to the cache. */
    public void store(KvView kv, Tensor keys, @Nullable Tensor values, Batch batch, long from, long to) {
        NativeRows.check("hearth_store", from, to, keys, values == null ? keys : values);
        NativeRows.check("hearth_store", from, to, batch.positions(), batch.sequences());
        KvLayout layout = kv.layout();
        kernels.check(
                "hearth_store",
                hearth_cpu_h.hearth_store(
                        table,
                        typeId(layout.type()),
                        pool(kv),
                        kv.pageTable().address(),
                        NativeRows.row(batch.positions(), from),
                        NativeRows.row(batch.sequences(), from),
                        NativeRows.row(keys, from),
                        values == null ? 0 : NativeRows.row(values, from),
                        layout.headCount(),
                        layout.headDim(),
                        layout.valueDim(),
                        valueOffset(kv),
                        layout.valueBytes(),
                        kv.keyPageBytes(),
                        kv.valuePageBytes(),
                        kv.keyHeadBytes(),
                        kv.valueHeadBytes(),
                        layout.pageSize(),
                        to - from,
                        kv.pageTable().rowStride(),
                        batch.positions().rowStride(),
                        batch.sequences().rowStride(),
                        keys.rowStride(),
                        values == null ? 0 : values.rowStride()));
    }

    /** Bytes of scratch that {@link #attend} needs. */
    public long scratchBytes(KvLayout layout, AttentionSpec spec) {
        RelativeTerms relative = spec.relative();
        return kernelScratchBytes(layout, spec) + (relative == null ? 0 : 4L * (2 * relative.reach() + 1));
    }

    private static long kernelScratchBytes(KvLayout layout, AttentionSpec spec) {
        return hearth_cpu_h.hearth_attend_scratch(spec.headCount(), layout.headCount(), layout.valueDim());
    }

    /** How far attention goes. */
    public enum Stage {
        /** From queries to results. */
        WHOLE,
        /** From queries to the parts of each segment. */
        PARTS,
        /** From these parts to results. */
        JOIN
    }

    /** Elements of a part. */
    public static long partWidth(KvLayout layout) {
        return 16L + (layout.valueDim() + 15) / 16 * 16;
    }

    /** Attends for tasks [from, to): the query heads of one key head of one token each, of parts of a segment of these. */
    public void attend(
            Stage stage,
            Tensor out,
            Tensor queries,
            @Nullable Tensor parts,
            KvView kv,
            AttentionSpec spec,
            Batch batch,
            long from,
            long to,
            MemorySegment scratch) {
        KvLayout layout = kv.layout();
        long heads = layout.headCount();
        long tokens = out.rows();
        long segments = parts == null || tokens == 0 ? 1 : parts.rows() / (tokens * spec.headCount());
        long split = stage == Stage.PARTS ? segments : 1;
        if (from < 0
                || from > to
                || to > heads * tokens * split
                || queries.rows() != tokens
                || (stage != Stage.WHOLE) != (parts != null)
                || parts != null && (parts.width() != partWidth(layout) || parts.rowStride() != parts.width())) {
            throw new IllegalArgumentException("hearth_attend: expected tasks of " + heads + " key heads of " + out
                    + " and " + queries + (parts == null ? "" : " in " + parts) + ", found " + from + " to " + to);
        }
        boolean inOneHead = stage == Stage.WHOLE && from < to && from / tokens == (to - 1) / tokens;
        checkPages(kv, spec, batch, inOneHead ? from % tokens : 0, inOneHead ? (to - 1) % tokens + 1 : tokens);
        RelativeTerms relative = spec.relative();
        MemorySegment vectors = scratch.asSlice(kernelScratchBytes(layout, spec)); // behind what the kernel needs
        if (relative != null) {
            MemorySegment.copy(relative.rows(), 0, vectors, Tensor.INT, 0, 2 * relative.reach() + 1);
        }
        kernels.check(
                "hearth_attend",
                hearth_cpu_h.hearth_attend(
                        table,
                        typeId(layout.type()),
                        out.address(),
                        queries.address(),
                        pool(kv),
                        kv.pageTable().address(),
                        batch.positions().address(),
                        batch.sequences().address(),
                        batch.ends().address(),
                        address(spec.sinks()),
                        address(spec.slopes()),
                        relative == null ? 0 : address(relative.keys()),
                        relative == null ? 0 : address(relative.queries()),
                        relative == null ? 0 : vectors.address(),
                        relative == null ? 0 : relative.vectorCount(spec.headCount()),
                        relative == null ? 0 : relative.reach(),
                        spec.scale(),
                        spec.softcap(),
                        spec.window(),
                        spec.ahead(),
                        spec.chunk(),
                        spec.headCount(),
                        heads,
                        layout.headDim(),
                        layout.valueDim(),
                        valueOffset(kv),
                        layout.valueBytes(),
                        kv.keyPageBytes(),
                        kv.valuePageBytes(),
                        kv.keyHeadBytes(),
                        kv.valueHeadBytes(),
                        layout.pageSize(),
                        tokens,
                        from,
                        to,
                        kv.pageTable().rowStride(),
                        batch.positions().rowStride(),
                        batch.sequences().rowStride(),
                        batch.ends().rowStride(),
                        out.rowStride(),
                        queries.rowStride(),
                        scratch.address(),
                        scratch.byteSize(),
                        switch (stage) {
                            case WHOLE -> hearth_cpu_h.HEARTH_ATTEND_WHOLE();
                            case PARTS -> hearth_cpu_h.HEARTH_ATTEND_PARTS();
                            case JOIN -> hearth_cpu_h.HEARTH_ATTEND_JOIN();
                        },
                        parts == null ? 0 : parts.address(),
                        segments));
    }

    private static long address(@Nullable Weight numbers) {
        return numbers instanceof HostWeight weight ? CpuKernels.address(weight) : 0;
    }

    /** A type's number in hearth_cpu.h. */
    static int typeId(CacheType type) {
        return switch (type) {
            case F32 -> hearth_cpu_h.HEARTH_F32();
            case F16 -> hearth_cpu_h.HEARTH_F16();
            case BF16 -> hearth_cpu_h.HEARTH_BF16();
            case INT8 -> hearth_cpu_h.HEARTH_CACHE_INT8();
        };
    }

    private static long pool(KvView kv) {
        return ((HostBuffer) kv.pool()).segment().address() + kv.keyOffset(0, 0);
    }

    /** Bytes from the first key of a layer to its first value. */
    private static long valueOffset(KvView kv) {
        return kv.valueOffset(0, 0) - kv.keyOffset(0, 0);
    }

    /** Every page that tokens [from, to) see; neighbours of a sequence share most, which are checked once. */
    private static void checkPages(KvView kv, AttentionSpec spec, Batch batch, long from, long to) {
        int pageSize = kv.layout().pageSize();
        long pages = kv.pageCount();
        int sequence = -1;
        int checkedFrom = 0;
        int checkedTo = 0;
        for (long t = from; t < to; t++) {
            int position = batch.positions().getInt(t, 0);
            int first = spec.firstVisible(position) / pageSize;
            int last = spec.lastVisible(position, batch.ends().getInt(t, 0)) / pageSize;
            if (batch.sequences().getInt(t, 0) != sequence || first < checkedFrom || first > checkedTo) {
                sequence = batch.sequences().getInt(t, 0);
                checkedFrom = first;
                checkedTo = first;
            }
            for (; checkedTo <= last; checkedTo++) {
                int page = kv.pageTable().getInt(sequence, checkedTo);
                if (page < 0 || page >= pages) {
                    throw new IllegalArgumentException("hearth_attend: sequence " + sequence + ", page " + checkedTo
                            + ": expected a page below " + pages + ", found " + page);
                }
            }
        }
    }
}
