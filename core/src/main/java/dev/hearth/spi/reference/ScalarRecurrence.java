package dev.hearth.spi.reference;

import dev.hearth.spi.Batch;
import dev.hearth.spi.ConvolutionSpec;
import dev.hearth.spi.DeltaSpec;
import dev.hearth.spi.RecurrentView;
import dev.hearth.spi.ScanSpec;
import dev.hearth.spi.ScanWeights;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The specification of operations with a state of fixed size: {@link dev.hearth.spi.Ops#convolve}, scan, delta and wkv. */
public final class ScalarRecurrence {
    private static final float NORM_EPSILON = 1e-6f;
    /** The greatest exponent of a state that has seen no key. */
    public static final float LOWEST = -1e38f; // leaves room to add a decay

    private ScalarRecurrence() {}

    /** Channels [from, to). */
    public static void convolve(
            Tensor out,
            Tensor x,
            RecurrentView state,
            HostWeight filter,
            @Nullable HostWeight bias,
            ConvolutionSpec spec,
            Batch batch,
            long from,
            long to) {
        int tail = spec.kernelSize() - 1;
        float[] window = new float[tail];
        float[] taps = new float[spec.kernelSize()];
        var runs = new RecurrentRuns(state, batch);
        runs.forEach((sequence, first, end) -> {
            for (int channel = (int) from; channel < to; channel++) {
                int offset = spec.stateOffset() + channel * tail;
                runs.load(sequence, first, offset, window);
                MemorySegment.copy(filter.data(), Tensor.FLOAT, 4L * channel * taps.length, taps, 0, taps.length);
                for (long t = first; t < end; t++) {
                    float input = x.getFloat(t, channel);
                    float sum = 0;
                    for (int j = 0; j < tail; j++) {
                        sum = Math.fma(taps[j], window[j], sum);
                    }
                    sum = Math.fma(taps[tail], input, sum);
                    if (bias != null) {
                        sum += element(bias, channel);
                    }
                    for (int j = 0; j < tail; j++) {
                        window[j] = j + 1 < tail ? window[j + 1] : input;
                    }
                    out.setFloat(t, channel, spec.silu() ? ScalarMath.silu(sum) : sum);
                }
                runs.save(sequence, offset, window);
            }
        });
    }

    /** Heads [from, to). */
    public static void scan(
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
            long to) {
        int n = spec.stateSize();
        float[] s = new float[spec.headDim() * n];
        float[] decay = new float[n];
        float[] input = new float[n];
        float[] output = new float[n];
        float[] sums = new float[16];
        HostWeight rates = (HostWeight) weights.decay();
        var runs = new RecurrentRuns(state, batch);
        runs.forEach((sequence, first, end) -> {
            for (int head = (int) from; head < to; head++) {
                int offset = spec.stateOffset() + head * s.length;
                int group = head / (spec.headCount() / spec.groupCount());
                float skip = element((HostWeight) weights.skip(), head);
                runs.load(sequence, first, offset, s);
                for (long t = first; t < end; t++) {
                    float step = step(steps.getFloat(t, head), weights.stepBias(), head);
                    step = Math.max(spec.minStep(), Math.min(spec.maxStep(), step));
                    for (int i = 0; i < n; i++) {
                        boolean own = rates.shape().width() == n;
                        decay[i] = i > 0 && !own
                                ? decay[0]
                                : ScalarMath.exp(step * element(rates, own ? head * n + i : head));
                        input[i] = step * b.getFloat(t, (long) group * n + i);
                        output[i] = c.getFloat(t, (long) group * n + i);
                    }
                    for (int p = 0; p < spec.headDim(); p++) {
                        long channel = (long) head * spec.headDim() + p;
                        float value = x.getFloat(t, channel);
                        Arrays.fill(sums, 0);
                        for (int i = 0; i < n; i++) {
                            float next = Math.fma(s[p * n + i], decay[i], input[i] * value);
                            s[p * n + i] = next;
                            sums[i % 16] = Math.fma(next, output[i], sums[i % 16]);
                        }
                        out.setFloat(t, channel, Math.fma(value, skip, ScalarMath.fold16(sums)));
                    }
                }
                runs.save(sequence, offset, s);
            }
        });
    }

    /** Value heads [from, to). */
    public static void delta(
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
            long to) {
        int width = spec.valueDim();
        float[] s = new float[spec.keyDim() * width];
        float[] query = new float[spec.keyDim()];
        float[] key = new float[spec.keyDim()];
        float[] change = new float[width];
        float[] result = new float[width];
        float scale = 1 / (float) Math.sqrt(spec.keyDim());
        var runs = new RecurrentRuns(state, batch);
        runs.forEach((sequence, first, end) -> {
            for (int head = (int) from; head < to; head++) {
                int offset = spec.stateOffset() + head * s.length;
                int keyHead = spec.keyHead(head);
                runs.load(sequence, first, offset, s);
                for (long t = first; t < end; t++) {
                    normalise(queries, t, keyHead, scale, query);
                    normalise(keys, t, keyHead, 1, key);
                    float step = step(steps.getFloat(t, head), stepBias, head);
                    float factor = ScalarMath.exp(element(decay, head) * step);
                    for (int i = 0; i < s.length; i++) {
                        s[i] *= factor;
                    }
                    product(key, s, change);
                    float share = 1 / (1 + ScalarMath.exp(-beta.getFloat(t, head)));
                    for (int j = 0; j < width; j++) {
                        change[j] = (values.getFloat(t, (long) head * width + j) - change[j]) * share;
                    }
                    for (int i = 0; i < key.length; i++) {
                        for (int j = 0; j < width; j++) {
                            s[i * width + j] = Math.fma(key[i], change[j], s[i * width + j]);
                        }
                    }
                    product(query, s, result);
                    for (int j = 0; j < width; j++) {
                        out.setFloat(t, (long) head * width + j, result[j]);
                    }
                }
                runs.save(sequence, offset, s);
            }
        });
    }

    /** Channels [from, to). */
    public static void wkv(
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
        int channels = (int) out.width();
        int count = (int) (to - from);
        float[] a = new float[count];
        float[] b = new float[count];
        float[] m = new float[count];
        var runs = new RecurrentRuns(state, batch);
        runs.forEach((sequence, first, end) -> {
            int offset = stateOffset + (int) from;
            runs.load(sequence, first, offset, a);
            runs.load(sequence, first, offset + channels, b);
            runs.load(sequence, first, offset + 2 * channels, m);
            for (long t = first; t < end; t++) {
                for (int i = 0; i < count; i++) {
                    float key = keys.getFloat(t, from + i);
                    float value = values.getFloat(t, from + i);
                    float own = key + element(bonus, (int) from + i);
                    float last = b[i] == 0 ? LOWEST : m[i];
                    float n = Math.max(last, own);
                    float p = ScalarMath.exp(last - n);
                    float q = ScalarMath.exp(own - n);
                    out.setFloat(t, from + i, Math.fma(a[i], p, q * value) / Math.fma(b[i], p, q));
                    float decayed = last + element(decay, (int) from + i);
                    n = Math.max(decayed, key);
                    p = ScalarMath.exp(decayed - n);
                    q = ScalarMath.exp(key - n);
                    a[i] = Math.fma(a[i], p, q * value);
                    b[i] = Math.fma(b[i], p, q);
                    m[i] = n;
                }
            }
            runs.save(sequence, offset, a);
            runs.save(sequence, offset + channels, b);
            runs.save(sequence, offset + 2 * channels, m);
        });
    }

    /** out[j] = sum over i of vector[i] * matrix[i, j]. */
    private static void product(float[] vector, float[] matrix, float[] out) {
        Arrays.fill(out, 0);
        for (int i = 0; i < vector.length; i++) {
            for (int j = 0; j < out.length; j++) {
                out[j] = Math.fma(vector[i], matrix[i * out.length + j], out[j]);
            }
        }
    }

    /** {@code to = (x * r) * scale} of a head of row t, {@code r = 1 / sqrt(sum16(x * x) + 1e-6)}. */
    public static void normalise(Tensor x, long t, int head, float scale, float[] to) {
        float[] sums = new float[16];
        for (int i = 0; i < to.length; i++) {
            to[i] = x.getFloat(t, (long) head * to.length + i);
            sums[i % 16] = Math.fma(to[i], to[i], sums[i % 16]);
        }
        float r = 1 / (float) Math.sqrt(ScalarMath.fold16(sums) + NORM_EPSILON);
        for (int i = 0; i < to.length; i++) {
            to[i] = to[i] * r * scale;
        }
    }

    /** softplus(logit + bias[head]). */
    public static float step(float logit, dev.hearth.spi.@Nullable Weight bias, int head) {
        return ScalarMath.softplus(bias == null ? logit : logit + element((HostWeight) bias, head));
    }

    private static float element(HostWeight weight, int i) {
        return weight.data().get(Tensor.FLOAT, 4L * i);
    }
}
