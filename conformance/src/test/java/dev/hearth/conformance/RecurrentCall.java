package dev.hearth.conformance;

import dev.hearth.spi.Batch;
import dev.hearth.spi.ConvolutionSpec;
import dev.hearth.spi.DeltaSpec;
import dev.hearth.spi.RecurrentView;
import dev.hearth.spi.ScanSpec;
import dev.hearth.spi.ScanWeights;
import dev.hearth.spi.host.HostKernels;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.Tensor;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The arguments of a call with a state of fixed size, for a mutant to change; those of the other operations are null. */
final class RecurrentCall {
    final Tensor out;
    Tensor x; // values of the delta rule

    @Nullable
    Tensor steps;

    @Nullable
    Tensor b; // queries of the delta rule

    @Nullable
    Tensor c; // its keys

    @Nullable
    Tensor beta;

    @Nullable
    HostWeight filter;

    @Nullable
    HostWeight bias;

    @Nullable
    HostWeight decay;

    @Nullable
    HostWeight skip;

    @Nullable
    HostWeight stepBias;

    @Nullable
    HostWeight bonus; // of wkv, whose keys are b and whose values x

    RecurrentView state;
    Batch batch;
    int kernelSize;
    boolean silu;
    int heads;
    int headDim;
    int stateSize;
    int groups; // key heads of the delta rule
    DeltaSpec.Sharing sharing = DeltaSpec.Sharing.NEIGHBOURS;
    float minStep;
    float maxStep;
    int stateOffset;
    long from;
    long to;

    private RecurrentCall(Tensor out, Tensor x, RecurrentView state, Batch batch, long from, long to) {
        this.out = out;
        this.x = x;
        this.state = state;
        this.batch = batch;
        this.from = from;
        this.to = to;
    }

    /** The right call with these arguments. */
    void run(HostKernels right) {
        if (filter != null) {
            var spec = new ConvolutionSpec(kernelSize, silu, stateOffset);
            right.convolve(out, x, state, filter, bias, spec, batch, from, to);
        } else if (bonus != null) {
            right.wkv(out, given(b), x, given(decay), bonus, state, stateOffset, batch, from, to);
        } else if (beta != null) {
            var spec = new DeltaSpec(groups, heads, stateSize, headDim, sharing, stateOffset);
            right.delta(
                    out,
                    given(b),
                    given(c),
                    x,
                    given(steps),
                    beta,
                    given(decay),
                    given(stepBias),
                    state,
                    spec,
                    batch,
                    from,
                    to);
        } else {
            var spec = new ScanSpec(heads, headDim, stateSize, groups, minStep, maxStep, stateOffset);
            var weights = new ScanWeights(given(decay), given(skip), stepBias);
            right.scan(out, x, given(steps), given(b), given(c), weights, state, spec, batch, from, to);
        }
    }

    static <T> T given(@Nullable T argument) {
        return Objects.requireNonNull(argument);
    }

    /** The specification after a change of each call, or in place of it. */
    static class Changed extends ForwardingKernels {
        private final Consumer<RecurrentCall> change;

        Changed(Consumer<RecurrentCall> change) {
            this.change = change;
        }

        void run(RecurrentCall call) {
            change.accept(call);
            call.run(right);
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
            var call = new RecurrentCall(out, x, state, batch, from, to);
            call.filter = filter;
            call.bias = bias;
            call.kernelSize = spec.kernelSize();
            call.silu = spec.silu();
            call.stateOffset = spec.stateOffset();
            run(call);
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
            var call = new RecurrentCall(out, x, state, batch, from, to);
            call.steps = steps;
            call.b = b;
            call.c = c;
            call.decay = (HostWeight) weights.decay();
            call.skip = (HostWeight) weights.skip();
            call.stepBias = (HostWeight) weights.stepBias();
            call.heads = spec.headCount();
            call.headDim = spec.headDim();
            call.stateSize = spec.stateSize();
            call.groups = spec.groupCount();
            call.minStep = spec.minStep();
            call.maxStep = spec.maxStep();
            call.stateOffset = spec.stateOffset();
            run(call);
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
            var call = new RecurrentCall(out, values, state, batch, from, to);
            call.b = queries;
            call.c = keys;
            call.steps = steps;
            call.beta = beta;
            call.decay = decay;
            call.stepBias = stepBias;
            call.heads = spec.valueHeadCount();
            call.headDim = spec.valueDim();
            call.stateSize = spec.keyDim();
            call.groups = spec.keyHeadCount();
            call.sharing = spec.sharing();
            call.stateOffset = spec.stateOffset();
            run(call);
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
            var call = new RecurrentCall(out, values, state, batch, from, to);
            call.b = keys;
            call.decay = decay;
            call.bonus = bonus;
            call.stateOffset = stateOffset;
            run(call);
        }
    }
}
