package dev.hearth.cpu;

import static dev.hearth.cpu.VectorMath.F;
import static dev.hearth.cpu.VectorMath.LANES;

import dev.hearth.spi.Activation;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Batch;
import dev.hearth.spi.ConvolutionSpec;
import dev.hearth.spi.DeltaSpec;
import dev.hearth.spi.Gating;
import dev.hearth.spi.KvView;
import dev.hearth.spi.NormSpec;
import dev.hearth.spi.RecurrentView;
import dev.hearth.spi.RopeSpec;
import dev.hearth.spi.RoutingSpec;
import dev.hearth.spi.RowFunction;
import dev.hearth.spi.ScanSpec;
import dev.hearth.spi.ScanWeights;
import dev.hearth.spi.host.HostKernels;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.reference.RecurrentRuns;
import dev.hearth.spi.reference.ScalarActivations;
import dev.hearth.spi.reference.ScalarKernels;
import dev.hearth.spi.reference.ScalarMath;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.jspecify.annotations.Nullable;

/**
 * Operations by the Vector API, bit for bit those of {@link ScalarKernels}, which does what isn't worth vectors. Must not be
 * loaded where the module jdk.incubator.vector isn't resolved.
 */
final class VectorKernels implements HostKernels {
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private final HostKernels scalar = new ScalarKernels();

    /** Bits of the vectors that this machine gets: 128, 256 or 512. */
    static int vectorBits() {
        return F.vectorBitSize();
    }

    /** Whether the processor's vectors have four lanes of float at least; with fewer, plain loops are faster. */
    static boolean isWorthwhile() {
        return FloatVector.SPECIES_PREFERRED.length() >= 4;
    }

    @Override
    public void addNorm(
            Tensor out, Tensor residual, @Nullable Tensor delta, HostWeight weight, NormSpec spec, long from, long to) {
        if (spec.groupSize() % 16 == 0) {
            new VectorNorm(out, residual, delta, weight, spec).run(from, to);
        } else {
            scalar.addNorm(out, residual, delta, weight, spec, from, to);
        }
    }

    @Override
    public void add(Tensor inOut, Tensor x, long from, long to) {
        MemorySegment a = inOut.segment();
        MemorySegment b = x.segment();
        long width = x.width();
        long whole = width - width % LANES;
        for (long t = from; t < to; t++) {
            long atA = t * inOut.rowBytes();
            long atB = t * x.rowBytes();
            for (long i = 0; i < 4 * whole; i += 4 * LANES) {
                FloatVector.fromMemorySegment(F, a, atA + i, ORDER)
                        .add(FloatVector.fromMemorySegment(F, b, atB + i, ORDER))
                        .intoMemorySegment(a, atA + i, ORDER);
            }
            for (long i = whole; i < width; i++) {
                inOut.setFloat(t, i, inOut.getFloat(t, i) + x.getFloat(t, i));
            }
        }
    }

    @Override
    public void quantize(Tensor out, Tensor x, long from, long to) {
        if (out.type() == DType.BF16) {
            scalar.quantize(out, x, from, to);
        } else {
            new VectorRounding(out, x).run(from, to);
        }
    }

    @Override
    public void linear(Tensor out, Tensor x, HostWeight weight, @Nullable HostWeight bias, long from, long to) {
        if (BfloatLinear.serves(weight.type(), x.type())) {
            new BfloatLinear(out, x, weight, bias).run(from, to);
        } else if (DecodedLinear.serves(weight.type(), x.type())) {
            new DecodedLinear(out, x, weight, bias).run(from, to);
        } else {
            new VectorLinear(out, x, weight, bias).run(from, to);
        }
    }

    @Override
    public void attend(Tensor out, Tensor queries, KvView kv, AttentionSpec spec, Batch batch, long from, long to) {
        new VectorAttention(out, queries, kv, spec, batch).run(from, to);
    }

    @Override
    public void gate(Tensor out, Tensor gate, Tensor up, Activation activation, long from, long to) {
        MemorySegment result = out.segment();
        MemorySegment a = gate.segment();
        MemorySegment b = up.segment();
        long width = out.width();
        long whole = width - width % LANES;
        for (long t = from; t < to; t++) {
            for (long i = 0; i < whole; i += LANES) {
                FloatVector g = FloatVector.fromMemorySegment(F, a, t * gate.rowBytes() + 4 * i, ORDER);
                VectorActivations.apply(activation, g)
                        .mul(FloatVector.fromMemorySegment(F, b, t * up.rowBytes() + 4 * i, ORDER))
                        .intoMemorySegment(result, t * out.rowBytes() + 4 * i, ORDER);
            }
            for (long i = whole; i < width; i++) {
                float g = gate.getFloat(t, i);
                out.setFloat(t, i, ScalarActivations.apply(activation, g) * up.getFloat(t, i));
            }
        }
    }

    @Override
    public void clampedGate(Tensor out, Tensor gate, Tensor up, Gating.Clamped gating, long from, long to) {
        long width = out.width();
        long whole = width - width % LANES;
        for (long t = from; t < to; t++) {
            for (long i = 0; i < whole; i += LANES) {
                FloatVector g = FloatVector.fromMemorySegment(F, gate.segment(), t * gate.rowBytes() + 4 * i, ORDER);
                FloatVector u = FloatVector.fromMemorySegment(F, up.segment(), t * up.rowBytes() + 4 * i, ORDER);
                VectorMath.clampedGate(g, u, gating)
                        .intoMemorySegment(out.segment(), t * out.rowBytes() + 4 * i, ORDER);
            }
            for (long i = whole; i < width; i++) {
                out.setFloat(t, i, ScalarMath.clampedGate(gate.getFloat(t, i), up.getFloat(t, i), gating));
            }
        }
    }

    @Override
    public void scale(Tensor inOut, HostWeight factors, long from, long to) {
        scalar.scale(inOut, factors, from, to);
    }

    @Override
    public void map(Tensor out, Tensor x, RowFunction function, long from, long to) {
        scalar.map(out, x, function, from, to);
    }

    @Override
    public void mix(Tensor out, Tensor x, Tensor weights, int streams, long from, long to) {
        scalar.mix(out, x, weights, streams, from, to);
    }

    @Override
    public void resize(Tensor inOut, Tensor like, float least, long from, long to) {
        scalar.resize(inOut, like, least, from, to);
    }

    @Override
    public void maxima(Tensor out, Tensor x, int size, long from, long to) {
        MemorySegment memory = x.segment();
        for (long at = from; at < to; at++) {
            long row = at / out.width();
            long start = at % out.width() * size;
            long end = Math.min(x.width(), start + size);
            FloatVector most = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
            long i = start;
            for (; i + LANES <= end; i += LANES) {
                most = most.max(FloatVector.fromMemorySegment(F, memory, row * x.rowBytes() + 4 * i, ORDER));
            }
            float rest = Float.NEGATIVE_INFINITY;
            for (; i < end; i++) {
                rest = Math.max(rest, x.getFloat(row, i));
            }
            out.setFloat(row, at - row * out.width(), Math.max(rest, most.reduceLanes(VectorOperators.MAX)));
        }
    }

    @Override
    public void activate(Tensor inOut, Activation activation, long from, long to) {
        MemorySegment memory = inOut.segment();
        long width = inOut.width();
        long whole = width - width % LANES;
        for (long t = from; t < to; t++) {
            for (long i = 0; i < whole; i += LANES) {
                long at = t * inOut.rowBytes() + 4 * i;
                VectorActivations.apply(activation, FloatVector.fromMemorySegment(F, memory, at, ORDER))
                        .intoMemorySegment(memory, at, ORDER);
            }
            for (long i = whole; i < width; i++) {
                inOut.setFloat(t, i, ScalarActivations.apply(activation, inOut.getFloat(t, i)));
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
        if (spec.groupSize() % 16 == 0) {
            if (delta != null) {
                add(residual, delta, from, to);
            }
            new VectorLayerNorm(out, residual, weight, bias, spec).run(from, to);
        } else {
            scalar.layerNorm(out, residual, delta, weight, bias, spec, from, to);
        }
    }

    @Override
    public void scale(Tensor inOut, float factor, long from, long to) {
        scalar.scale(inOut, factor, from, to);
    }

    @Override
    public void multiply(Tensor inOut, Tensor x, long from, long to) {
        MemorySegment a = inOut.segment();
        MemorySegment b = x.segment();
        long width = x.width();
        long whole = width - width % LANES;
        for (long t = from; t < to; t++) {
            long atA = t * inOut.rowBytes();
            long atB = t * x.rowBytes();
            for (long i = 0; i < 4 * whole; i += 4 * LANES) {
                FloatVector.fromMemorySegment(F, a, atA + i, ORDER)
                        .mul(FloatVector.fromMemorySegment(F, b, atB + i, ORDER))
                        .intoMemorySegment(a, atA + i, ORDER);
            }
            for (long i = whole; i < width; i++) {
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
        long whole = to - (to - from) % LANES;
        var runs = new RecurrentRuns(state, batch);
        new VectorConvolution(out, x, filter, bias, spec, runs).run(Math.toIntExact(from), Math.toIntExact(whole));
        scalar.convolve(out, x, state, filter, bias, spec, batch, whole, to);
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
        if (VectorScan.serves(spec)) {
            new VectorScan(out, x, steps, b, c, weights, spec, new RecurrentRuns(state, batch))
                    .run(Math.toIntExact(from), Math.toIntExact(to));
        } else {
            scalar.scan(out, x, steps, b, c, weights, state, spec, batch, from, to);
        }
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
        if (VectorDelta.serves(spec)) {
            var runs = new RecurrentRuns(state, batch);
            new VectorDelta(out, queries, keys, values, steps, beta, decay, stepBias, spec, runs)
                    .run(Math.toIntExact(from), Math.toIntExact(to));
        } else {
            scalar.delta(out, queries, keys, values, steps, beta, decay, stepBias, state, spec, batch, from, to);
        }
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
        long whole = to - (to - from) % LANES;
        new VectorWkv(out, keys, values, decay, bonus, stateOffset, new RecurrentRuns(state, batch))
                .run(Math.toIntExact(from), Math.toIntExact(whole));
        scalar.wkv(out, keys, values, decay, bonus, state, stateOffset, batch, whole, to);
    }

    @Override
    public void softcap(Tensor inOut, float cap, long from, long to) {
        MemorySegment memory = inOut.segment();
        long width = inOut.width();
        long whole = width - width % LANES;
        for (long t = from; t < to; t++) {
            for (long i = 0; i < whole; i += LANES) {
                long at = t * inOut.rowBytes() + 4 * i;
                VectorMath.softcap(FloatVector.fromMemorySegment(F, memory, at, ORDER), cap)
                        .intoMemorySegment(memory, at, ORDER);
            }
            for (long i = whole; i < width; i++) {
                inOut.setFloat(t, i, ScalarMath.softcap(inOut.getFloat(t, i), cap));
            }
        }
    }

    @Override
    public void embed(Tensor out, HostWeight table, Tensor ids, float scale, long from, long to) {
        scalar.embed(out, table, ids, scale, from, to);
    }

    @Override
    public void rotate(Tensor inOut, Tensor positions, Tensor table, RopeSpec spec, long from, long to) {
        scalar.rotate(inOut, positions, table, spec, from, to);
    }

    @Override
    public void store(KvView kv, Tensor keys, @Nullable Tensor values, Batch batch, long from, long to) {
        scalar.store(kv, keys, values, batch, from, to);
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
        scalar.route(experts, weights, logits, bias, spec, from, to);
    }

    @Override
    public void accumulate(Tensor inOut, Tensor x, Tensor rows, Tensor weights, long from, long to) {
        scalar.accumulate(inOut, x, rows, weights, from, to);
    }

    @Override
    public void gather(Tensor out, Tensor x, Tensor rows, long from, long to) {
        scalar.gather(out, x, rows, from, to);
    }
}
