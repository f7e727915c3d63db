package dev.hearth.spi.reference;

import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.RelativeTerms;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Attention of one query head over one sequence, segment by segment; see {@link dev.hearth.spi.Ops#attend}. */
final class ScalarAttention {
    private static final int SEGMENT = 256;

    private final KvReader cache;
    private final AttentionSpec spec;
    private final int headDim;
    private final int valueDim;
    private final float @Nullable [] sinks;
    private final float @Nullable [] slopes;
    private final float[] scores = new float[SEGMENT];
    private final float[] query;
    private final float[] key;
    private final float[] part;
    private final float[] result;

    ScalarAttention(
            KvReader cache, AttentionSpec spec, KvLayout layout, float @Nullable [] sinks, float @Nullable [] slopes) {
        this.cache = cache;
        this.spec = spec;
        this.headDim = layout.headDim();
        this.valueDim = layout.valueDim();
        this.sinks = sinks;
        this.slopes = slopes;
        this.query = new float[headDim];
        this.key = new float[headDim];
        this.part = new float[valueDim];
        this.result = new float[valueDim];
    }

    void attend(Tensor out, Tensor queries, long t, int head, int sequence, int keyHead, int position, int seen) {
        float max = Float.NEGATIVE_INFINITY;
        float sum = 0;
        Arrays.fill(result, 0);
        for (int i = 0; i < headDim; i++) {
            query[i] = queries.getFloat(t, (long) head * headDim + i);
        }
        int first = spec.firstVisible(position);
        int last = spec.lastVisible(position, seen);
        for (int start = first; start <= last; start = (start / SEGMENT + 1) * SEGMENT) {
            int end = Math.min(last, start / SEGMENT * SEGMENT + SEGMENT - 1);
            float segmentMax = score(head, sequence, keyHead, start, end, position);
            float segmentSum = combine(sequence, keyHead, start, end, segmentMax);
            if (start == first) {
                max = segmentMax;
                sum = segmentSum;
                System.arraycopy(part, 0, result, 0, valueDim);
            } else {
                float higher = Math.max(max, segmentMax);
                float keep = ScalarMath.exp(max - higher);
                float gain = ScalarMath.exp(segmentMax - higher);
                for (int i = 0; i < valueDim; i++) {
                    result[i] = Math.fma(part[i], gain, result[i] * keep);
                }
                sum = Math.fma(segmentSum, gain, sum * keep);
                max = higher;
            }
        }
        if (sinks != null) {
            float higher = Math.max(max, sinks[head]);
            float keep = ScalarMath.exp(max - higher);
            for (int i = 0; i < valueDim; i++) {
                result[i] *= keep;
            }
            sum = sum * keep + ScalarMath.exp(sinks[head] - higher);
        }
        for (int i = 0; i < valueDim; i++) {
            out.setFloat(t, (long) head * valueDim + i, result[i] / sum);
        }
    }

    /** Fills {@link #scores} for positions start to end and returns the greatest. */
    private float score(int head, int sequence, int keyHead, int start, int end, int own) {
        float max = Float.NEGATIVE_INFINITY;
        for (int position = start; position <= end; position++) {
            long stored = cache.key(sequence, position, keyHead);
            for (int i = 0; i < headDim; i++) {
                key[i] = cache.get(stored, i);
            }
            float keyScale = cache.scale(cache.keyScale(sequence, position, keyHead));
            float score = sum16(query, key) * keyScale;
            if (spec.relative() != null) {
                score = distant(score, spec.relative(), head, own - position, keyScale);
            }
            score *= spec.scale();
            if (spec.softcap() > 0) {
                score = ScalarMath.softcap(score, spec.softcap());
            }
            if (slopes != null) {
                score = Math.fma(slopes[head], (float) (position - own), score);
            }
            scores[position % SEGMENT] = score;
            max = Math.max(max, score);
        }
        return max;
    }

    /** A score, not yet scaled, and what it gains at a distance. */
    private float distant(float score, RelativeTerms terms, int head, int distance, float keyScale) {
        float sum = score;
        if (terms.keys() instanceof HostWeight keys) {
            sum += sum16(query, vector(keys, terms, head, distance));
        }
        if (terms.queries() instanceof HostWeight queries) {
            sum += sum16(key, vector(queries, terms, head, distance)) * keyScale;
        }
        return sum;
    }

    /** The head's vector that stands for a distance. */
    private float[] vector(HostWeight table, RelativeTerms terms, int head, int distance) {
        long at = (head * terms.vectorCount(spec.headCount()) + terms.row(distance)) * table.rowBytes();
        return table.data().asSlice(at, table.rowBytes()).toArray(Tensor.FLOAT);
    }

    private float sum16(float[] a, float[] b) {
        float[] sums = new float[16];
        for (int i = 0; i < headDim; i++) {
            sums[i % 16] = Math.fma(a[i], b[i], sums[i % 16]);
        }
        return ScalarMath.fold16(sums);
    }

    /** Fills {@link #part} with the weighted values and returns the sum of the weights. */
    private float combine(int sequence, int keyHead, int start, int end, float max) {
        float[] sums = new float[16];
        Arrays.fill(part, 0);
        for (int position = start; position <= end; position++) {
            float p = ScalarMath.exp(scores[position % SEGMENT] - max);
            sums[position % 16] += p;
            long value = cache.value(sequence, position, keyHead);
            float weight = p * cache.scale(cache.valueScale(sequence, position, keyHead));
            for (int i = 0; i < valueDim; i++) {
                part[i] = Math.fma(weight, cache.get(value, i), part[i]);
            }
        }
        return ScalarMath.fold16(sums);
    }
}
