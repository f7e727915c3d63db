package dev.hearth.cpu;

import dev.hearth.ffi.CpuKernels;
import dev.hearth.ffi.NativeAttention;
import dev.hearth.ffi.NativeRecurrence;
import dev.hearth.ffi.NativeRows;
import dev.hearth.ffi.NativeStreams;
import dev.hearth.spi.Activation;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Batch;
import dev.hearth.spi.ConvolutionSpec;
import dev.hearth.spi.DeltaSpec;
import dev.hearth.spi.Gating;
import dev.hearth.spi.KvLayout;
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
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Operations by the C kernels of one instruction set, bit for bit those of
 * {@link dev.hearth.spi.reference.ScalarKernels}. Owns the scratch memory that C is lent, one piece a thread.
 */
final class NativeKernels implements HostKernels {
    private final CpuKernels products;
    private final NativeRows rows;
    private final NativeAttention attention;
    private final NativeRecurrence recurrence;
    private final NativeStreams streams;
    private final ThreadScratch scratch = new ThreadScratch();

    /** Operations by {@code kernels}. */
    NativeKernels(CpuKernels kernels) {
        products = kernels;
        rows = new NativeRows(kernels);
        attention = new NativeAttention(kernels);
        recurrence = new NativeRecurrence(kernels);
        streams = new NativeStreams(kernels);
    }

    @Override
    public long linearScratchBytes(DType weight, DType x, long columns, long tokens) {
        return products.linearScratchBytes(weight, x, columns, tokens).orElse(0);
    }

    @Override
    public long attendScratchBytes(KvLayout layout, AttentionSpec spec) {
        return attention.scratchBytes(layout, spec);
    }

    @Override
    public long lentBytes(long bytes) {
        return ThreadScratch.held(bytes);
    }

    @Override
    public long scratchBytes() {
        return scratch.byteSize();
    }

    @Override
    public void embed(Tensor out, HostWeight table, Tensor ids, float scale, long from, long to) {
        rows.embed(out, table, ids, scale, from, to);
    }

    @Override
    public void addNorm(
            Tensor out, Tensor residual, @Nullable Tensor delta, HostWeight weight, NormSpec spec, long from, long to) {
        rows.addNorm(out, residual, delta, weight, spec, from, to);
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
        rows.layerNorm(out, residual, delta, weight, bias, spec, from, to);
    }

    @Override
    public void scale(Tensor inOut, float factor, long from, long to) {
        rows.scale(inOut, factor, from, to);
    }

    @Override
    public void scale(Tensor inOut, HostWeight factors, long from, long to) {
        streams.scale(inOut, factors, from, to);
    }

    @Override
    public void map(Tensor out, Tensor x, RowFunction function, long from, long to) {
        streams.map(out, x, function, from, to);
    }

    @Override
    public void mix(Tensor out, Tensor x, Tensor weights, int streams, long from, long to) {
        this.streams.mix(out, x, weights, streams, from, to);
    }

    @Override
    public void resize(Tensor inOut, Tensor like, float least, long from, long to) {
        streams.resize(inOut, like, least, from, to);
    }

    @Override
    public void maxima(Tensor out, Tensor x, int size, long from, long to) {
        streams.maxima(out, x, size, from, to);
    }

    @Override
    public void activate(Tensor inOut, Activation activation, long from, long to) {
        rows.activate(inOut, activation, from, to);
    }

    @Override
    public void add(Tensor inOut, Tensor x, long from, long to) {
        rows.add(inOut, x, from, to);
    }

    @Override
    public void quantize(Tensor out, Tensor x, long from, long to) {
        rows.quantize(out, x, from, to);
    }

    @Override
    public void linear(Tensor out, Tensor x, HostWeight weight, @Nullable HostWeight bias, long from, long to) {
        OptionalLong bytes = products.linearScratchBytes(weight.type(), x.type(), x.width(), x.rows());
        if (bytes.isEmpty()) {
            throw new IllegalArgumentException("linear: no kernel for " + weight.type() + " with " + x);
        }
        products.linear(out, x, weight, bias, from, to, scratch.take(bytes.getAsLong()));
    }

    @Override
    public void rotate(Tensor inOut, Tensor positions, Tensor table, RopeSpec spec, long from, long to) {
        rows.rotate(inOut, positions, table, spec, from, to);
    }

    @Override
    public void store(KvView kv, Tensor keys, @Nullable Tensor values, Batch batch, long from, long to) {
        attention.store(kv, keys, values, batch, from, to);
    }

    @Override
    public void attend(Tensor out, Tensor queries, KvView kv, AttentionSpec spec, Batch batch, long from, long to) {
        long bytes = attention.scratchBytes(kv.layout(), spec);
        MemorySegment lent = scratch.take(bytes);
        attention.attend(NativeAttention.Stage.WHOLE, out, queries, null, kv, spec, batch, from, to, lent);
    }

    @Override
    public long attendPartWidth(KvLayout layout) {
        return NativeAttention.partWidth(layout);
    }

    @Override
    public void attendParts(
            Tensor out, Tensor queries, Tensor parts, KvView kv, AttentionSpec spec, Batch batch, long from, long to) {
        MemorySegment lent = scratch.take(attention.scratchBytes(kv.layout(), spec));
        attention.attend(NativeAttention.Stage.PARTS, out, queries, parts, kv, spec, batch, from, to, lent);
    }

    @Override
    public void joinParts(
            Tensor out, Tensor queries, Tensor parts, KvView kv, AttentionSpec spec, Batch batch, long from, long to) {
        MemorySegment lent = scratch.take(attention.scratchBytes(kv.layout(), spec));
        attention.attend(NativeAttention.Stage.JOIN, out, queries, parts, kv, spec, batch, from, to, lent);
    }

    @Override
    public void gate(Tensor out, Tensor gate, Tensor up, Activation activation, long from, long to) {
        rows.gate(out, gate, up, activation, from, to);
    }

    @Override
    public void clampedGate(Tensor out, Tensor gate, Tensor up, Gating.Clamped gating, long from, long to) {
        rows.clampedGate(out, gate, up, gating, from, to);
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
        long bytes = NativeRows.routeScratchBytes(logits.width());
        rows.route(experts, weights, logits, bias, spec, from, to, scratch.take(bytes));
    }

    @Override
    public void accumulate(Tensor inOut, Tensor x, Tensor rows, Tensor weights, long from, long to) {
        this.rows.accumulate(inOut, x, rows, weights, from, to);
    }

    @Override
    public void multiply(Tensor inOut, Tensor x, long from, long to) {
        rows.multiply(inOut, x, from, to);
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
        MemorySegment lent = scratch.take(NativeRecurrence.convolveScratchBytes(spec));
        recurrence.convolve(out, x, state, filter, bias, spec, batch, from, to, lent);
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
        MemorySegment lent = scratch.take(NativeRecurrence.scanScratchBytes(spec));
        recurrence.scan(out, x, steps, b, c, weights, state, spec, batch, from, to, lent);
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
        MemorySegment lent = scratch.take(NativeRecurrence.deltaScratchBytes(spec));
        recurrence.delta(out, queries, keys, values, steps, beta, decay, stepBias, state, spec, batch, from, to, lent);
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
        recurrence.wkv(out, keys, values, decay, bonus, state, stateOffset, batch, from, to);
    }

    @Override
    public void softcap(Tensor inOut, float cap, long from, long to) {
        rows.softcap(inOut, cap, from, to);
    }

    @Override
    public void gather(Tensor out, Tensor x, Tensor rows, long from, long to) {
        this.rows.gather(out, x, rows, from, to);
    }

    @Override
    public void close() {
        scratch.close();
    }
}
