package dev.hearth.spi.host;

import dev.hearth.spi.Batch;
import dev.hearth.spi.ConvolutionSpec;
import dev.hearth.spi.DeltaSpec;
import dev.hearth.spi.RecurrentView;
import dev.hearth.spi.ScanSpec;
import dev.hearth.spi.ScanWeights;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Operations with a state of fixed size: checks, then a share of channels or heads for each thread. */
final class HostRecurrence {
    private static final long CHANNELS = 16;

    private final KernelCall call;

    HostRecurrence(KernelCall call) {
        this.call = call;
    }

    void convolve(
            Tensor out,
            Tensor x,
            RecurrentView state,
            Weight filter,
            @Nullable Weight bias,
            ConvolutionSpec spec,
            Batch batch) {
        HostWeight host = HostChecks.host("convolve", filter);
        HostWeight hostBias = bias == null ? null : HostChecks.host("convolve", bias);
        HostChecks.same("convolve", out, x);
        RecurrentBounds.vector("convolve", host, x.width() * spec.kernelSize());
        if (hostBias != null) {
            RecurrentBounds.vector("convolve", hostBias, x.width());
        }
        if (spec.kernelSize() < 1) {
            throw new IllegalArgumentException("convolve: expected a kernel of at least 1, found " + spec.kernelSize());
        }
        long size = x.width() * (spec.kernelSize() - 1);
        new RecurrentBounds("convolve", state, spec.stateOffset(), size).check(batch, x);
        call.run(x.width(), CHANNELS, HostKernels::convolve, out, x, state, host, hostBias, spec, batch);
    }

    void scan(
            Tensor out,
            Tensor x,
            Tensor steps,
            Tensor b,
            Tensor c,
            ScanWeights weights,
            RecurrentView state,
            ScanSpec spec,
            Batch batch) {
        HostChecks.same("scan", out, x);
        HostChecks.same("scan", b, c);
        RecurrentBounds.scan(spec, x, steps, b, weights);
        long size = x.width() * spec.stateSize();
        new RecurrentBounds("scan", state, spec.stateOffset(), size).check(batch, x, steps, b);
        call.run(spec.headCount(), 1, HostKernels::scan, out, x, steps, b, c, weights, state, spec, batch);
    }

    void delta(
            Tensor out,
            Tensor queries,
            Tensor keys,
            Tensor values,
            Tensor steps,
            Tensor beta,
            Weight decay,
            Weight stepBias,
            RecurrentView state,
            DeltaSpec spec,
            Batch batch) {
        HostChecks.same("delta", out, values);
        HostChecks.same("delta", queries, keys);
        HostChecks.same("delta", steps, beta);
        RecurrentBounds.delta(spec, queries, values, steps);
        HostWeight rates = HostChecks.host("delta", decay);
        HostWeight bias = HostChecks.host("delta", stepBias);
        RecurrentBounds.vector("delta", rates, spec.valueHeadCount());
        RecurrentBounds.vector("delta", bias, spec.valueHeadCount());
        long size = (long) spec.valueHeadCount() * spec.keyDim() * spec.valueDim();
        new RecurrentBounds("delta", state, spec.stateOffset(), size).check(batch, queries, values, steps);
        call.run(
                spec.valueHeadCount(),
                1,
                HostKernels::delta,
                out,
                queries,
                keys,
                values,
                steps,
                beta,
                rates,
                bias,
                state,
                spec,
                batch);
    }

    void wkv(
            Tensor out,
            Tensor keys,
            Tensor values,
            Weight decay,
            Weight bonus,
            RecurrentView state,
            int stateOffset,
            Batch batch) {
        HostChecks.same("wkv", out, keys);
        HostChecks.same("wkv", keys, values);
        HostWeight rates = HostChecks.host("wkv", decay);
        HostWeight own = HostChecks.host("wkv", bonus);
        RecurrentBounds.vector("wkv", rates, out.width());
        RecurrentBounds.vector("wkv", own, out.width());
        new RecurrentBounds("wkv", state, stateOffset, 3 * out.width()).check(batch, keys, values);
        call.run(out.width(), CHANNELS, HostKernels::wkv, out, keys, values, rates, own, state, stateOffset, batch);
    }
}
