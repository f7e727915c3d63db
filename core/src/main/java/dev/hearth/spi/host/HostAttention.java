package dev.hearth.spi.host;

import static dev.hearth.spi.host.HostChecks.check;
import static dev.hearth.spi.host.HostChecks.host;

import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Batch;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The cache of keys and values: checks, then a share of tokens and key heads for each thread. Where these are too few to keep all
 * threads busy, segments of 256 positions are shared out, and joined in order once all are there: the same bits.
 */
final class HostAttention implements AutoCloseable {
    private static final long ROWS = 1;
    private static final long SEGMENT = 256;
    private static final long TASKS_A_THREAD = 4; // from which on the last ones to finish keep nobody waiting for long

    private final HostKernels kernels;
    private final Parallel parallel;
    private final KernelCall call;
    private final HostScratch scratch = new HostScratch();

    HostAttention(HostKernels kernels, Parallel parallel, KernelCall call) {
        this.kernels = kernels;
        this.parallel = parallel;
        this.call = call;
    }

    void store(KvView kv, Tensor keys, @Nullable Tensor values, Batch batch) {
        KvLayout layout = kv.layout();
        checkKv("store", kv, keys, layout.headDim(), batch, layout.headCount());
        check("store", (values == null) == layout.values() instanceof KvLayout.Values.InKey, layout);
        if (values != null) {
            checkKv("store", kv, values, layout.valueDim(), batch, layout.headCount());
        }
        PageBounds.checkOwn(kv, batch);
        call.run(keys.rows(), ROWS, HostKernels::store, kv, keys, values, batch);
    }

    void attend(Tensor out, Tensor queries, KvView kv, AttentionSpec spec, Batch batch) {
        KvLayout layout = kv.layout();
        int keyHeads = layout.headCount();
        boolean sensible = spec.headCount() > 0 && spec.window() > 0 && spec.ahead() >= 0 && spec.chunk() > 0;
        check("attend", sensible && spec.headCount() % keyHeads == 0, out, spec, layout);
        checkKv("attend", kv, queries, layout.headDim(), batch, spec.headCount());
        checkKv("attend", kv, out, layout.valueDim(), batch, spec.headCount());
        checkByHead(spec.sinks(), spec, out);
        checkByHead(spec.slopes(), spec, out);
        if (spec.relative() != null) {
            RelativeBounds.check(spec.relative(), spec.headCount(), layout.headDim());
        }
        PageBounds.checkSeen(kv, batch, spec);
        long tasks = out.rows() * keyHeads;
        long width = kernels.attendPartWidth(layout);
        long segments = width > 0 && splits(tasks, parallel.threadCount()) ? mostSegments(spec, batch) : 1;
        if (segments == 1) {
            call.run(tasks, ROWS, HostKernels::attend, out, queries, kv, spec, batch);
            return;
        }
        long rows = out.rows() * spec.headCount() * segments;
        scratch.begin(rows * DType.F32.bytes(width), 1);
        Tensor parts = scratch.take(DType.F32, rows, width);
        call.run(tasks * segments, ROWS, HostKernels::attendParts, out, queries, parts, kv, spec, batch);
        call.run(tasks, ROWS, HostKernels::joinParts, out, queries, parts, kv, spec, batch);
    }

    /** Whether so many tasks of attention leave threads idle. */
    private static boolean splits(long tasks, int threads) {
        return tasks < TASKS_A_THREAD * threads && tasks % threads != 0;
    }

    private static long mostSegments(AttentionSpec spec, Batch batch) {
        long most = 1;
        for (long t = 0; t < batch.tokenCount(); t++) {
            int position = batch.positions().getInt(t, 0);
            long last = spec.lastVisible(position, batch.ends().getInt(t, 0)) / SEGMENT;
            most = Math.max(most, last - spec.firstVisible(position) / SEGMENT + 1);
        }
        return most;
    }

    /** Bytes held once any step of sequences of up to so many positions has attended. */
    static long scratchBytes(HostKernels kernels, KvLayout layout, int heads, int positions, int threads) {
        long tasks = TASKS_A_THREAD * threads / layout.headCount() * layout.headCount();
        while (tasks > 0 && !splits(tasks, threads)) {
            tasks -= layout.headCount();
        }
        long rows = tasks * (heads / layout.headCount()) * ((positions - 1) / SEGMENT + 1);
        long bytes = rows * DType.F32.bytes(kernels.attendPartWidth(layout));
        return bytes == 0 ? 0 : HostScratch.byteSize(bytes, 1);
    }

    /** Bytes held now. */
    long scratchBytes() {
        return scratch.byteSize();
    }

    @Override
    public void close() {
        scratch.close();
    }

    private static void checkByHead(@Nullable Weight numbers, AttentionSpec spec, Tensor out) {
        if (numbers != null) {
            HostWeight host = host("attend", numbers);
            check("attend", host.type() == DType.F32 && host.shape().elements() == spec.headCount(), out, host);
        }
    }

    private static void checkKv(String operation, KvView kv, Tensor rows, int dim, Batch batch, int heads) {
        check(
                operation,
                rows.width() == (long) heads * dim && rows.rows() == batch.tokenCount() && rows.type() == DType.F32,
                rows,
                kv.layout(),
                batch.positions());
    }
}
