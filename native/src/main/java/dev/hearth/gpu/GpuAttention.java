package dev.hearth.gpu;

import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Batch;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.spi.RelativeTerms;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Attention by tiles of rows that share a key head. A step with few tiles is cut into segments of positions, each with a block of its own,
 * and a second kernel merges what they have found; see attention.h. Used by the queue's thread.
 */
final class GpuAttention implements AutoCloseable {
    private static final int MOST_ROWS = 8; // of a tile
    private static final int ENOUGH_BLOCKS = 512; // that a device has to do at once: about four for each multiprocessor
    private static final long MOST_PART_BYTES = 32 << 20;

    private final GpuDriver driver;
    private final Launches launches;
    private final Tables tables;
    private final Kernels kernels;
    private final BatchReads reads = new BatchReads();
    private @Nullable GpuBuffer parts;

    /** The kernels, named by rows of a tile and elements of a value for each thread. */
    private record Kernels(GpuKernel one, GpuKernel four, GpuKernel eight, GpuKernel merge) {}

    GpuAttention(GpuDriver driver, Launches launches, Tables tables) {
        this.driver = driver;
        this.launches = launches;
        this.tables = tables;
        this.kernels = new Kernels(
                WeightKernels.find(driver, "hearth_attend_1_4"),
                WeightKernels.find(driver, "hearth_attend_4_4"),
                WeightKernels.find(driver, "hearth_attend_8_1"),
                WeightKernels.find(driver, "hearth_attend_merge"));
    }

    /** How many tokens and heads a tile has, and how many segments its positions, 1 where a block does them all. */
    private record Plan(int rows, int tileTokens, int tileHeads, int segments) {}

    private Plan plan(KvView kv, AttentionSpec spec, Batch batch) {
        KvLayout layout = kv.layout();
        int group = spec.headCount() / layout.headCount();
        int most = layout.valueDim() <= GpuDriver.THREADS ? MOST_ROWS : MOST_ROWS / 2;
        int tileHeads = Math.min(group, most);
        int tileTokens = reads.readsTogether(batch, kv.pageTable()) ? Math.max(1, most / tileHeads) : 1;
        int rows = tileTokens * tileHeads == 1 ? 1 : most;
        long tiles = Launches.blocks(batch.tokenCount(), tileTokens);
        int segments = reads.segments(batch, spec, tileTokens);
        long blocks = tiles * layout.headCount() * Launches.blocks(group, tileHeads);
        boolean split = segments > 1
                && blocks < ENOUGH_BLOCKS
                && partBytes(batch.tokenCount(), spec.headCount(), segments, layout) <= MOST_PART_BYTES;
        return new Plan(rows, tileTokens, tileHeads, split ? segments : 1);
    }

    private static long partBytes(long tokens, long heads, long segments, KvLayout layout) {
        return tokens * heads * segments * (layout.valueDim() + 2) * Float.BYTES;
    }

    /** Bytes that steps take at most of sequences with so many positions. */
    static long scratchBytes(KvLayout layout, int heads, long positions) {
        long segments = Launches.blocks(positions, BatchReads.SEGMENT) + 1;
        long tokens = MOST_ROWS * (ENOUGH_BLOCKS / layout.headCount() + 1L);
        return segments <= 2 ? 0 : Math.min(MOST_PART_BYTES, partBytes(tokens, heads, segments, layout));
    }

    /** Enqueues it; {@code cache} are the parameters so far. */
    void attend(Tensor out, Tensor queries, KvView kv, AttentionSpec spec, Batch batch, Parameters cache) {
        Plan plan = plan(kv, spec, batch);
        int tokens = Math.toIntExact(batch.tokenCount());
        cache.rows(out).rows(queries);
        RelativeTerms relative = spec.relative();
        launches.parameters()
                .integers(batch.sequences())
                .integers(batch.positions())
                .integers(batch.ends());
        launches.parameters().vector(spec.sinks(), 0).vector(spec.slopes(), 0);
        launches.parameters().vector(relative == null ? null : relative.keys(), 0);
        launches.parameters().vector(relative == null ? null : relative.queries(), 0);
        launches.parameters().put(relative == null ? 0 : tables.distances(relative));
        launches.parameters().put(relative == null ? 0 : relative.vectorCount(spec.headCount()));
        int group = spec.headCount() / kv.layout().headCount();
        launches.parameters().put(spec.scale()).put(spec.softcap()).put(group);
        launches.parameters().put(spec.window()).put(spec.ahead()).put(spec.chunk());
        launches.parameters().put(relative == null ? 0 : relative.reach());
        launches.parameters().put(tokens).put(spec.headCount());
        launches.parameters().put(plan.tileTokens).put(plan.tileHeads).put(plan.segments);
        boolean split = plan.segments > 1;
        long bytes = partBytes(tokens, spec.headCount(), plan.segments, kv.layout());
        launches.parameters().put(split ? room(bytes) : 0L);
        long tiles = Launches.blocks(tokens, plan.tileTokens);
        long heads = kv.layout().headCount() * Launches.blocks(group, plan.tileHeads);
        launches.launch(kernel(plan.rows), tiles * plan.segments, heads);
        if (split) {
            launches.launch(kernels.merge, tokens, spec.headCount());
        }
    }

    /** The integers that it reads may change. */
    void endStep() {
        reads.endStep();
    }

    private GpuKernel kernel(int rows) {
        return switch (rows) {
            case 1 -> kernels.one;
            case 4 -> kernels.four;
            default -> kernels.eight;
        };
    }

    private long room(long bytes) {
        if (parts == null || parts.byteSize() < bytes) {
            close();
            parts = new GpuBuffer(driver.allocate(bytes), bytes);
        }
        return parts.address();
    }

    @Override
    public void close() {
        if (parts != null) {
            driver.free(parts.address());
            parts = null;
        }
    }
}
