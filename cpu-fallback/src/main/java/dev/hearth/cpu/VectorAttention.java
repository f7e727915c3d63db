package dev.hearth.cpu;

import static dev.hearth.cpu.VectorMath.F;
import static dev.hearth.cpu.VectorMath.LANES;

import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Batch;
import dev.hearth.spi.KvView;
import dev.hearth.spi.Weight;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.reference.ScalarMath;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.jspecify.annotations.Nullable;

/**
 * {@link dev.hearth.spi.Ops#attend} for the query heads that share a key head; one call, one thread. Keys and values are read
 * once for all of them, sixteen positions at a time.
 */
final class VectorAttention {
    private static final int SEGMENT = 256;
    private static final int CHUNK = KvRows.POSITIONS;
    private static final float[] STEPS = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

    private final Tensor out;
    private final Tensor queries;
    private final AttentionSpec spec;
    private final Batch batch;
    private final KvRows cache;
    private final int headDim;
    private final int valueDim;
    private final int group;
    private final int keyStride;
    private final int stride; // of values
    private final float @Nullable [] sinks;
    private final float @Nullable [] slopes;
    private final @Nullable VectorRelative relative;
    private final float[] query; // [group][key stride]
    private final float[] keys; // [chunk][key stride]
    private final float[] rows; // [chunk][stride]: values
    private final float[] scores; // [group][segment], then what exp makes of them
    private final float[] part; // [group][stride] of the segment
    private final float[] result; // [group][stride] of all segments
    private final float[] max;
    private final float[] sum;
    private final float[] segmentMax;
    private final float[] segmentSum;
    private final float[] sums = new float[2 * DotTiles.ROWS * 16];

    VectorAttention(Tensor out, Tensor queries, KvView kv, AttentionSpec spec, Batch batch) {
        this.out = out;
        this.queries = queries;
        this.spec = spec;
        this.batch = batch;
        cache = new KvRows(kv);
        headDim = kv.layout().headDim();
        valueDim = kv.layout().valueDim();
        group = spec.headCount() / kv.layout().headCount();
        keyStride = cache.keyStride;
        stride = cache.valueStride;
        sinks = byHead(spec.sinks());
        slopes = byHead(spec.slopes());
        relative = spec.relative() == null
                ? null
                : new VectorRelative(spec.relative(), spec.headCount(), headDim, keyStride);
        // an even number of queries: tiles take two, the second of the last may be idle
        query = new float[(group + 1) / 2 * 2 * keyStride];
        keys = new float[CHUNK * keyStride];
        rows = new float[CHUNK * stride];
        Arrays.fill(keys, -0f); // behind a head: adds nothing to any sum, not even to the sign of a zero
        scores = new float[(group + 1) / 2 * 2 * SEGMENT];
        part = new float[group * stride];
        result = new float[group * stride];
        max = new float[group];
        sum = new float[group];
        segmentMax = new float[group];
        segmentSum = new float[group];
    }

    private float @Nullable [] byHead(@Nullable Weight numbers) {
        return numbers instanceof HostWeight weight
                ? weight.data().asSlice(0, 4L * spec.headCount()).toArray(Tensor.FLOAT)
                : null;
    }

    /** Tasks [from, to): key head {@code i / tokens} of token {@code i % tokens}. */
    void run(long from, long to) {
        MemorySegment in = queries.segment();
        MemorySegment to0 = out.segment();
        for (long task = from; task < to; task++) {
            long t = task % out.rows();
            int keyHead = (int) (task / out.rows());
            long firstHead = (long) keyHead * group;
            for (int g = 0; g < group; g++) {
                long at = t * queries.rowBytes() + (firstHead + g) * headDim * Float.BYTES;
                MemorySegment.copy(in, Tensor.FLOAT, at, query, g * keyStride, headDim);
            }
            int position = batch.positions().getInt(t, 0);
            attend(
                    batch.sequences().getInt(t, 0),
                    keyHead,
                    position,
                    batch.ends().getInt(t, 0));
            for (int g = 0; g < group; g++) {
                if (sinks != null) {
                    sink(g, sinks[keyHead * group + g]);
                }
                divide(g);
                long at = t * out.rowBytes() + (firstHead + g) * valueDim * Float.BYTES;
                MemorySegment.copy(result, g * stride, to0, Tensor.FLOAT, at, valueDim);
            }
        }
    }

    private void attend(int sequence, int keyHead, int position, int seen) {
        int first = spec.firstVisible(position);
        int last = spec.lastVisible(position, seen);
        for (int start = first; start <= last; start = (start / SEGMENT + 1) * SEGMENT) {
            int end = Math.min(last, start / SEGMENT * SEGMENT + SEGMENT - 1) + 1;
            score(sequence, keyHead, start, end, position);
            for (int g = 0; g < group; g++) {
                scale(g, start % SEGMENT, (end - 1) % SEGMENT + 1);
                if (slopes != null) {
                    lean(g, slopes[keyHead * group + g], start / SEGMENT * SEGMENT - position);
                }
                weigh(g, start % SEGMENT, (end - 1) % SEGMENT + 1);
            }
            combine(sequence, keyHead, start, end);
            for (int g = 0; g < group; g++) {
                if (start == first) {
                    max[g] = segmentMax[g];
                    sum[g] = segmentSum[g];
                    System.arraycopy(part, g * stride, result, g * stride, stride);
                } else {
                    merge(g);
                }
            }
        }
    }

    /** Fills the scores of positions [start, end), neither scaled nor capped yet. */
    private void score(int sequence, int keyHead, int start, int end, int position) {
        for (int chunk = start; chunk < end; chunk += CHUNK) {
            int count = Math.min(CHUNK, end - chunk);
            cache.keys(sequence, keyHead, chunk, chunk + count, keys);
            for (int g = 0; g < group; g += 2) {
                for (int r = 0; r < count; r += DotTiles.ROWS) {
                    DotTiles.two(keys, r * keyStride, keyStride, query, g * keyStride, sums);
                    int at = g * SEGMENT + (chunk + r) % SEGMENT;
                    for (int i = 0; i < Math.min(DotTiles.ROWS, count - r); i++) {
                        float keyScale = cache.keyScales[r + i];
                        scores[at + i] = VectorMath.fold16(sums, 16 * i) * keyScale;
                        scores[at + SEGMENT + i] = VectorMath.fold16(sums, 64 + 16 * i) * keyScale;
                    }
                }
            }
            for (int g = 0; relative != null && g < group; g++) {
                int at = g * SEGMENT + chunk % SEGMENT;
                relative.read(keyHead * group + g, position - chunk, count);
                relative.add(scores, at, count, query, g * keyStride, keys, cache.keyScales);
            }
        }
    }

    /** Scales and caps the scores of slots [from, to), and what is beside them up to whole groups of sixteen. */
    private void scale(int g, int from, int to) {
        int high = g * SEGMENT + VectorMath.padded(to);
        for (int i = g * SEGMENT + (from & -16); i < high; i += LANES) {
            FloatVector s = FloatVector.fromArray(F, scores, i).mul(spec.scale());
            if (spec.softcap() > 0) {
                s = VectorMath.softcap(s, spec.softcap());
            }
            s.intoArray(scores, i);
        }
    }

    /** Adds the slope times the distance of each slot, that of slot 0 being given. */
    private void lean(int g, float slope, int distance) {
        FloatVector factor = FloatVector.broadcast(F, slope);
        for (int i = 0; i < SEGMENT; i += LANES) {
            FloatVector distances = FloatVector.fromArray(F, STEPS, 0).add(distance + i); // whole numbers, so exact
            int at = g * SEGMENT + i;
            factor.fma(distances, FloatVector.fromArray(F, scores, at)).intoArray(scores, at);
        }
    }

    /**
     * Replaces the scores of slots [from, to) by exp(score - max) and finds maximum and sum. Slots beside them are used up to
     * whole groups of sixteen, as -infinity for the maximum and 0 for the sum.
     */
    private void weigh(int g, int from, int to) {
        int base = g * SEGMENT;
        int low = base + (from & -16);
        int high = base + VectorMath.padded(to);
        Arrays.fill(scores, low, base + from, Float.NEGATIVE_INFINITY);
        Arrays.fill(scores, base + to, high, Float.NEGATIVE_INFINITY);
        FloatVector most = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
        for (int i = low; i < high; i += LANES) {
            most = most.max(FloatVector.fromArray(F, scores, i));
        }
        segmentMax[g] = most.reduceLanes(VectorOperators.MAX);
        for (int i = low; i < high; i += LANES) {
            VectorMath.exp(FloatVector.fromArray(F, scores, i).sub(segmentMax[g]))
                    .intoArray(scores, i);
        }
        Arrays.fill(scores, low, base + from, 0);
        Arrays.fill(scores, base + to, high, 0);
        for (int lane = 0; lane < 16; lane += LANES) {
            FloatVector s = FloatVector.zero(F);
            for (int i = low + lane; i < high; i += 16) {
                s = s.add(FloatVector.fromArray(F, scores, i));
            }
            s.intoArray(sums, lane);
        }
        segmentSum[g] = VectorMath.fold16(sums, 0);
    }

    private void combine(int sequence, int keyHead, int start, int end) {
        Arrays.fill(part, 0);
        for (int chunk = start; chunk < end; chunk += CHUNK) {
            int count = Math.min(CHUNK, end - chunk);
            cache.values(sequence, keyHead, chunk, chunk + count, rows);
            for (int g = 0; g < group; g++) {
                int weights = g * SEGMENT + chunk % SEGMENT;
                for (int j = 0; j < count; j++) {
                    scores[weights + j] *= cache.valueScales[j];
                }
                int i = 0;
                for (; i + 4 * LANES <= stride; i += 4 * LANES) {
                    fourColumns(g * stride + i, i, weights, count);
                }
                for (; i < stride; i += LANES) {
                    oneColumn(g * stride + i, i, weights, count);
                }
            }
        }
    }

    private void fourColumns(int to, int column, int weights, int count) {
        FloatVector a = FloatVector.fromArray(F, part, to);
        FloatVector b = FloatVector.fromArray(F, part, to + LANES);
        FloatVector c = FloatVector.fromArray(F, part, to + 2 * LANES);
        FloatVector d = FloatVector.fromArray(F, part, to + 3 * LANES);
        for (int j = 0, at = column; j < count; j++, at += stride) {
            FloatVector p = FloatVector.broadcast(F, scores[weights + j]);
            a = p.fma(FloatVector.fromArray(F, rows, at), a);
            b = p.fma(FloatVector.fromArray(F, rows, at + LANES), b);
            c = p.fma(FloatVector.fromArray(F, rows, at + 2 * LANES), c);
            d = p.fma(FloatVector.fromArray(F, rows, at + 3 * LANES), d);
        }
        a.intoArray(part, to);
        b.intoArray(part, to + LANES);
        c.intoArray(part, to + 2 * LANES);
        d.intoArray(part, to + 3 * LANES);
    }

    private void oneColumn(int to, int column, int weights, int count) {
        FloatVector a = FloatVector.fromArray(F, part, to);
        for (int j = 0, at = column; j < count; j++, at += stride) {
            FloatVector p = FloatVector.broadcast(F, scores[weights + j]);
            a = p.fma(FloatVector.fromArray(F, rows, at), a);
        }
        a.intoArray(part, to);
    }

    private void merge(int g) {
        float higher = Math.max(max[g], segmentMax[g]);
        float keep = ScalarMath.exp(max[g] - higher);
        float gain = ScalarMath.exp(segmentMax[g] - higher);
        for (int i = g * stride; i < (g + 1) * stride; i += LANES) {
            FloatVector kept = FloatVector.fromArray(F, result, i).mul(keep);
            FloatVector.fromArray(F, part, i)
                    .fma(FloatVector.broadcast(F, gain), kept)
                    .intoArray(result, i);
        }
        sum[g] = Math.fma(segmentSum[g], gain, sum[g] * keep);
        max[g] = higher;
    }

    private void sink(int g, float sink) {
        float higher = Math.max(max[g], sink);
        float keep = ScalarMath.exp(max[g] - higher);
        for (int i = g * stride; i < (g + 1) * stride; i += LANES) {
            FloatVector.fromArray(F, result, i).mul(keep).intoArray(result, i);
        }
        sum[g] = sum[g] * keep + ScalarMath.exp(sink - higher);
    }

    private void divide(int g) {
        for (int i = g * stride; i < (g + 1) * stride; i += LANES) {
            FloatVector.fromArray(F, result, i).div(sum[g]).intoArray(result, i);
        }
    }
}
