package dev.hearth.spi.reference;

import dev.hearth.spi.Activation;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Batch;
import dev.hearth.spi.ConvolutionSpec;
import dev.hearth.spi.DeltaSpec;
import dev.hearth.spi.Gating;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.spi.NormSpec;
import dev.hearth.spi.Ops;
import dev.hearth.spi.RecurrentView;
import dev.hearth.spi.RopeSpec;
import dev.hearth.spi.RoutingSpec;
import dev.hearth.spi.RowFunction;
import dev.hearth.spi.ScanSpec;
import dev.hearth.spi.ScanWeights;
import dev.hearth.spi.host.HostKernels;
import dev.hearth.spi.host.HostOps;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.host.Parallel;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The specification of every operation as plain loops: what {@link Ops} says in words, in the order and with the rounding that
 * every backend reproduces to the bit. Written to be read, not to be fast.
 */
public final class ScalarKernels implements HostKernels {
    /** The specification as a queue on the calling thread: ScalarOps in all that is written about it. */
    public static HostOps ops() {
        return new HostOps(new ScalarKernels(), Parallel.SERIAL);
    }

    @Override
    public void embed(Tensor out, HostWeight table, Tensor ids, float scale, long from, long to) {
        BlockRow row = new BlockRow(table);
        float[] values = new float[(int) out.width()];
        for (long t = from; t < to; t++) {
            row.values(ids.getInt(t, 0), values);
            for (int i = 0; i < values.length; i++) {
                out.setFloat(t, i, values[i] * scale);
            }
        }
    }

    @Override
    public void addNorm(
            Tensor out, Tensor residual, @Nullable Tensor delta, HostWeight weight, NormSpec spec, long from, long to) {
        float[] w = vector(weight);
        int size = spec.groupSize();
        for (long t = from; t < to; t++) {
            if (delta != null) {
                add(residual, delta, t, t + 1);
            }
            for (long start = 0; start < out.width(); start += size) {
                float[] sums = new float[16];
                for (int i = 0; i < size; i++) {
                    float x = residual.getFloat(t, start + i);
                    sums[i % 16] = Math.fma(x, x, sums[i % 16]);
                }
                float r = 1 / (float) Math.sqrt(ScalarMath.fold16(sums) / size + spec.epsilon());
                for (int i = 0; i < size; i++) {
                    out.setFloat(t, start + i, residual.getFloat(t, start + i) * r * w[i]);
                }
            }
        }
    }

    @Override
    public void layerNorm(
            Tensor out,
            Tensor residual,
            @Nullable Tensor delta,
            HostWeight weight,
            @Nullable HostWeight bias,
            NormSpec spec,
            long from,
            long to) {
        var norm = new ScalarLayerNorm(vector(weight), bias == null ? null : vector(bias), spec);
        for (long t = from; t < to; t++) {
            if (delta != null) {
                add(residual, delta, t, t + 1);
            }
            norm.norm(out, residual, t);
        }
    }

    @Override
    public void scale(Tensor inOut, float factor, long from, long to) {
        for (long t = from; t < to; t++) {
            for (long i = 0; i < inOut.width(); i++) {
                inOut.setFloat(t, i, inOut.getFloat(t, i) * factor);
            }
        }
    }

    @Override
    public void scale(Tensor inOut, HostWeight factors, long from, long to) {
        ScalarRows.scale(inOut, vector(factors), from, to);
    }

    @Override
    public void map(Tensor out, Tensor x, RowFunction function, long from, long to) {
        ScalarRows.map(out, x, function, from, to);
    }

    @Override
    public void mix(Tensor out, Tensor x, Tensor weights, int streams, long from, long to) {
        ScalarRows.mix(out, x, weights, streams, from, to);
    }

    @Override
    public void resize(Tensor inOut, Tensor like, float least, long from, long to) {
        ScalarRows.resize(inOut, like, least, from, to);
    }

    @Override
    public void maxima(Tensor out, Tensor x, int size, long from, long to) {
        ScalarRows.maxima(out, x, size, from, to);
    }

    @Override
    public void activate(Tensor inOut, Activation activation, long from, long to) {
        for (long t = from; t < to; t++) {
            for (long i = 0; i < inOut.width(); i++) {
                inOut.setFloat(t, i, ScalarActivations.apply(activation, inOut.getFloat(t, i)));
            }
        }
    }

    @Override
    public void add(Tensor inOut, Tensor x, long from, long to) {
        for (long t = from; t < to; t++) {
            for (long i = 0; i < x.width(); i++) {
                inOut.setFloat(t, i, inOut.getFloat(t, i) + x.getFloat(t, i));
            }
        }
    }

    @Override
    public void quantize(Tensor out, Tensor x, long from, long to) {
        ScalarRounding.quantize(out, x, from, to);
    }

    @Override
    public void linear(Tensor out, Tensor x, HostWeight weight, @Nullable HostWeight bias, long from, long to) {
        new ScalarLinear(weight, bias == null ? null : vector(bias)).rows(out, x, from, to);
    }

    @Override
    public void rotate(Tensor inOut, Tensor positions, Tensor table, RopeSpec spec, long from, long to) {
        int pairs = spec.pairCount();
        boolean halves = spec.pairing() == RopeSpec.Pairing.HALVES;
        for (long t = from; t < to; t++) {
            int position = positions.getInt(t, 0);
            for (long head = 0; head < inOut.width(); head += spec.headDim()) {
                for (int i = 0; i < pairs; i++) {
                    long first = head + (halves ? i : 2 * i);
                    long second = head + (halves ? i + pairs : 2 * i + 1);
                    float a = inOut.getFloat(t, first);
                    float b = inOut.getFloat(t, second);
                    float cos = table.getFloat(position, i);
                    float sin = table.getFloat(position, pairs + i);
                    inOut.setFloat(t, first, Math.fma(a, cos, -(b * sin)));
                    inOut.setFloat(t, second, Math.fma(b, cos, a * sin));
                }
            }
        }
    }

    @Override
    public void store(KvView kv, Tensor keys, @Nullable Tensor values, Batch batch, long from, long to) {
        KvReader cache = new KvReader(kv);
        int dim = kv.layout().headDim();
        int valueDim = kv.layout().valueDim();
        for (long t = from; t < to; t++) {
            int sequence = batch.sequences().getInt(t, 0);
            int position = batch.positions().getInt(t, 0);
            for (int head = 0; head < kv.layout().headCount(); head++) {
                long key = cache.key(sequence, position, head);
                cache.put(key, cache.keyScale(sequence, position, head), keys, t, (long) head * dim, dim);
                if (values != null) {
                    long value = cache.value(sequence, position, head);
                    long scale = cache.valueScale(sequence, position, head);
                    cache.put(value, scale, values, t, (long) head * valueDim, valueDim);
                }
            }
        }
    }

    @Override
    public void attend(Tensor out, Tensor queries, KvView kv, AttentionSpec spec, Batch batch, long from, long to) {
        KvLayout layout = kv.layout();
        int group = spec.headCount() / layout.headCount();
        float[] sinks = spec.sinks() instanceof HostWeight weight ? vector(weight) : null;
        float[] slopes = spec.slopes() instanceof HostWeight weight ? vector(weight) : null;
        ScalarAttention attention = new ScalarAttention(new KvReader(kv), spec, layout, sinks, slopes);
        for (long task = from; task < to; task++) {
            long t = task % out.rows();
            int keyHead = (int) (task / out.rows());
            int sequence = batch.sequences().getInt(t, 0);
            int position = batch.positions().getInt(t, 0);
            int end = batch.ends().getInt(t, 0);
            for (int head = keyHead * group; head < (keyHead + 1) * group; head++) {
                attention.attend(out, queries, t, head, sequence, keyHead, position, end);
            }
        }
    }

    @Override
    public void gate(Tensor out, Tensor gate, Tensor up, Activation activation, long from, long to) {
        for (long t = from; t < to; t++) {
            for (long i = 0; i < out.width(); i++) {
                float g = gate.getFloat(t, i);
                out.setFloat(t, i, ScalarActivations.apply(activation, g) * up.getFloat(t, i));
            }
        }
    }

    @Override
    public void clampedGate(Tensor out, Tensor gate, Tensor up, Gating.Clamped gating, long from, long to) {
        for (long t = from; t < to; t++) {
            for (long i = 0; i < out.width(); i++) {
                out.setFloat(t, i, ScalarMath.clampedGate(gate.getFloat(t, i), up.getFloat(t, i), gating));
            }
        }
    }

    @Override
    public void route(
            Tensor experts,
            Tensor weights,
            Tensor logits,
            @Nullable HostWeight bias,
            RoutingSpec spec,
            long from,
            long to) {
        var routing = new ScalarRouting((int) logits.width(), bias == null ? null : vector(bias), spec);
        for (long t = from; t < to; t++) {
            routing.route(experts, weights, logits, t);
        }
    }

    @Override
    public void accumulate(Tensor inOut, Tensor x, Tensor rows, Tensor weights, long from, long to) {
        for (long r = from; r < to; r++) {
            int row = rows.getInt(r, 0);
            float weight = weights.getFloat(r, 0);
            for (long i = 0; i < x.width(); i++) {
                inOut.setFloat(row, i, Math.fma(weight, x.getFloat(r, i), inOut.getFloat(row, i)));
            }
        }
    }

    @Override
    public void multiply(Tensor inOut, Tensor x, long from, long to) {
        for (long t = from; t < to; t++) {
            for (long i = 0; i < x.width(); i++) {
                inOut.setFloat(t, i, inOut.getFloat(t, i) * x.getFloat(t, i));
            }
        }
    }

    @Override
    public void convolve(
            Tensor out,
            Tensor x,
            RecurrentView state,
            HostWeight filter,
            @Nullable HostWeight bias,
            ConvolutionSpec spec,
            Batch batch,
            long from,
            long to) {
        ScalarRecurrence.convolve(out, x, state, filter, bias, spec, batch, from, to);
    }

    @Override
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
            long to) {
        ScalarRecurrence.scan(out, x, steps, b, c, weights, state, spec, batch, from, to);
    }

    @Override
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
            long to) {
        ScalarRecurrence.delta(out, queries, keys, values, steps, beta, decay, stepBias, state, spec, batch, from, to);
    }

    @Override
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
        ScalarRecurrence.wkv(out, keys, values, decay, bonus, state, stateOffset, batch, from, to);
    }

    @Override
    public void softcap(Tensor inOut, float cap, long from, long to) {
        for (long t = from; t < to; t++) {
            for (long i = 0; i < inOut.width(); i++) {
                inOut.setFloat(t, i, ScalarMath.softcap(inOut.getFloat(t, i), cap));
            }
        }
    }

    @Override
    public void gather(Tensor out, Tensor x, Tensor rows, long from, long to) {
        long bytes = x.type().bytes(x.width());
        for (long r = from; r < to; r++) {
            long source = rows.getInt(r, 0) * x.rowBytes();
            MemorySegment.copy(x.segment(), source, out.segment(), r * out.rowBytes(), bytes);
        }
    }

    private static float[] vector(HostWeight weight) {
        float[] values = new float[Math.toIntExact(weight.shape().elements())];
        for (int i = 0; i < values.length; i++) {
            values[i] = weight.data().get(Tensor.FLOAT, 4L * i);
        }
        return values;
    }
}
