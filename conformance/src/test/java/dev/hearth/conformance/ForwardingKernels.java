package dev.hearth.conformance;

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
import dev.hearth.spi.reference.ScalarKernels;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** The specification, to override what a mutant gets wrong. */
class ForwardingKernels implements HostKernels {
    final HostKernels right = new ScalarKernels();

    @Override
    public void embed(Tensor out, HostWeight table, Tensor ids, float scale, long from, long to) {
        right.embed(out, table, ids, scale, from, to);
    }

    @Override
    public void addNorm(
            Tensor out, Tensor residual, @Nullable Tensor delta, HostWeight weight, NormSpec spec, long from, long to) {
        right.addNorm(out, residual, delta, weight, spec, from, to);
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
        right.layerNorm(out, residual, delta, weight, bias, spec, from, to);
    }

    @Override
    public void scale(Tensor inOut, float factor, long from, long to) {
        right.scale(inOut, factor, from, to);
    }

    @Override
    public void scale(Tensor inOut, HostWeight factors, long from, long to) {
        right.scale(inOut, factors, from, to);
    }

    @Override
    public void map(Tensor out, Tensor x, RowFunction function, long from, long to) {
        right.map(out, x, function, from, to);
    }

    @Override
    public void mix(Tensor out, Tensor x, Tensor weights, int streams, long from, long to) {
        right.mix(out, x, weights, streams, from, to);
    }

    @Override
    public void resize(Tensor inOut, Tensor like, float least, long from, long to) {
        right.resize(inOut, like, least, from, to);
    }

    @Override
    public void maxima(Tensor out, Tensor x, int size, long from, long to) {
        right.maxima(out, x, size, from, to);
    }

    @Override
    public void activate(Tensor inOut, Activation activation, long from, long to) {
        right.activate(inOut, activation, from, to);
    }

    @Override
    public void add(Tensor inOut, Tensor x, long from, long to) {
        right.add(inOut, x, from, to);
    }

    @Override
    public void quantize(Tensor out, Tensor x, long from, long to) {
        right.quantize(out, x, from, to);
    }

    @Override
    public void linear(Tensor out, Tensor x, HostWeight weight, @Nullable HostWeight bias, long from, long to) {
        right.linear(out, x, weight, bias, from, to);
    }

    @Override
    public void rotate(Tensor inOut, Tensor positions, Tensor table, RopeSpec spec, long from, long to) {
        right.rotate(inOut, positions, table, spec, from, to);
    }

    @Override
    public void store(KvView kv, Tensor keys, @Nullable Tensor values, Batch batch, long from, long to) {
        right.store(kv, keys, values, batch, from, to);
    }

    @Override
    public void attend(Tensor out, Tensor queries, KvView kv, AttentionSpec spec, Batch batch, long from, long to) {
        right.attend(out, queries, kv, spec, batch, from, to);
    }

    @Override
    public void gate(Tensor out, Tensor gate, Tensor up, Activation activation, long from, long to) {
        right.gate(out, gate, up, activation, from, to);
    }

    @Override
    public void clampedGate(Tensor out, Tensor gate, Tensor up, Gating.Clamped gating, long from, long to) {
        right.clampedGate(out, gate, up, gating, from, to);
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
        right.route(experts, weights, logits, bias, spec, from, to);
    }

    @Override
    public void accumulate(Tensor inOut, Tensor x, Tensor rows, Tensor weights, long from, long to) {
        right.accumulate(inOut, x, rows, weights, from, to);
    }

    @Override
    public void multiply(Tensor inOut, Tensor x, long from, long to) {
        right.multiply(inOut, x, from, to);
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
        right.convolve(out, x, state, filter, bias, spec, batch, from, to);
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
        right.scan(out, x, steps, b, c, weights, state, spec, batch, from, to);
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
        right.delta(out, queries, keys, values, steps, beta, decay, stepBias, state, spec, batch, from, to);
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
        right.wkv(out, keys, values, decay, bonus, state, stateOffset, batch, from, to);
    }

    @Override
    public void softcap(Tensor inOut, float cap, long from, long to) {
        right.softcap(inOut, cap, from, to);
    }

    @Override
    public void gather(Tensor out, Tensor x, Tensor rows, long from, long to) {
        right.gather(out, x, rows, from, to);
    }
}
