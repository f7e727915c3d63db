package dev.hearth.spi.host;

import dev.hearth.spi.Activation;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Batch;
import dev.hearth.spi.ConvolutionSpec;
import dev.hearth.spi.DeltaSpec;
import dev.hearth.spi.Epilogue;
import dev.hearth.spi.ExpertWeights;
import dev.hearth.spi.Fence;
import dev.hearth.spi.Gating;
import dev.hearth.spi.KvView;
import dev.hearth.spi.NormSpec;
import dev.hearth.spi.Ops;
import dev.hearth.spi.Precision;
import dev.hearth.spi.RecurrentView;
import dev.hearth.spi.RopeSpec;
import dev.hearth.spi.RoutingSpec;
import dev.hearth.spi.RowFunction;
import dev.hearth.spi.ScanSpec;
import dev.hearth.spi.ScanWeights;
import dev.hearth.spi.ScratchMeter;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.Tensor;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What {@link HostOps} takes: tables of rotations, room for ids, experts and parts of attention, and scratch memory of each thread's kernels. */
final class HostScratchMeter implements ScratchMeter {
    private final HostKernels kernels;
    private final int threads;
    private final int positionCount;
    private final Set<RopeSpec> rotations = Collections.newSetFromMap(new IdentityHashMap<>());
    private long tableBytes;
    private long rowBytes;
    private long expertBytes;
    private long partBytes;
    private long threadBytes;

    /** A meter for sequences of up to so many positions. */
    HostScratchMeter(HostKernels kernels, int threads, int positions) {
        this.kernels = kernels;
        this.threads = threads;
        this.positionCount = positions;
        threadBytes = kernels.lentBytes(0);
    }

    @Override
    public Ops ops() {
        return new Metered();
    }

    @Override
    public long bytes() {
        return tableBytes + rowBytes + expertBytes + partBytes + threads * threadBytes;
    }

    private void lend(long bytes) {
        threadBytes = Math.max(threadBytes, kernels.lentBytes(bytes));
    }

    /** Operations that add what they would take. */
    private final class Metered implements Ops {
        @Override
        public void embedOrFirst(Tensor out, Weight table, Tensor ids, float scale) {
            rowBytes = Math.max(rowBytes, HostRows.scratchBytes(ids.rows()));
        }

        @Override
        public void linear(Tensor out, Tensor x, Weight weight, Epilogue epilogue) {
            lend(kernels.linearScratchBytes(weight.type(), x.type(), x.width(), x.rows()));
        }

        @Override
        public void rotate(Tensor inOut, Tensor positions, RopeSpec spec) {
            if (rotations.add(spec)) {
                tableBytes += RopeTable.bytes(spec, positionCount);
            }
        }

        @Override
        public void attend(Tensor out, Tensor queries, KvView kv, AttentionSpec spec, Batch batch) {
            lend(kernels.attendScratchBytes(kv.layout(), spec));
            long bytes = HostAttention.scratchBytes(kernels, kv.layout(), spec.headCount(), positionCount, threads);
            partBytes = Math.max(partBytes, bytes);
        }

        @Override
        public void experts(
                Tensor out, Tensor x, Tensor experts, Tensor weights, ExpertWeights w, Precision precision) {
            long bytes = HostExperts.scratchBytes(x.rows(), experts.width(), x.width(), w.size());
            expertBytes = Math.max(expertBytes, bytes);
            Weight up = w.up().getFirst();
            Weight down = w.down().getFirst();
            for (Precision any : Precision.values()) { // all tokens may choose the same expert
                lend(kernels.linearScratchBytes(up.type(), any.activation(up.type()), x.width(), x.rows()));
                lend(kernels.linearScratchBytes(down.type(), any.activation(down.type()), w.size(), x.rows()));
            }
        }

        @Override
        public Fence fence() {
            return () -> {};
        }

        // what takes nothing

        @Override
        public void embed(Tensor out, Weight table, Tensor ids, float scale) {}

        @Override
        public void norm(Tensor out, Tensor x, Weight weight, NormSpec spec) {}

        @Override
        public void addNorm(Tensor out, Tensor residual, @Nullable Tensor delta, Weight weight, NormSpec spec) {}

        @Override
        public void layerNorm(
                Tensor out,
                Tensor residual,
                @Nullable Tensor delta,
                Weight weight,
                @Nullable Weight bias,
                NormSpec spec) {}

        @Override
        public void scale(Tensor inOut, float factor) {}

        @Override
        public void scale(Tensor inOut, Weight factors) {}

        @Override
        public void map(Tensor out, Tensor x, RowFunction function) {}

        @Override
        public void mix(Tensor out, Tensor x, Tensor weights, int streams) {}

        @Override
        public void resize(Tensor inOut, Tensor like, float least) {}

        @Override
        public void maxima(Tensor out, Tensor x, int size) {}

        @Override
        public void activate(Tensor inOut, Activation activation) {}

        @Override
        public void add(Tensor inOut, Tensor x) {}

        @Override
        public void quantize(Tensor out, Tensor x) {}

        @Override
        public void store(KvView kv, Tensor keys, @Nullable Tensor values, Batch batch) {}

        @Override
        public void gate(Tensor out, Tensor gate, Tensor up, Activation activation) {}

        @Override
        public void clampedGate(Tensor out, Tensor gate, Tensor up, Gating.Clamped gating) {}

        @Override
        public void route(Tensor experts, Tensor weights, Tensor logits, @Nullable Weight bias, RoutingSpec spec) {}

        @Override
        public void multiply(Tensor inOut, Tensor x) {}

        @Override
        public void convolve(
                Tensor out,
                Tensor x,
                RecurrentView state,
                Weight filter,
                @Nullable Weight bias,
                ConvolutionSpec spec,
                Batch batch) {}

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
                Batch batch) {}

        @Override
        public void delta(
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
                Batch batch) {}

        @Override
        public void wkv(
                Tensor out,
                Tensor keys,
                Tensor values,
                Weight decay,
                Weight bonus,
                RecurrentView state,
                int stateOffset,
                Batch batch) {}

        @Override
        public void softcap(Tensor inOut, float cap) {}

        @Override
        public void gather(Tensor out, Tensor x, Tensor rows) {}

        @Override
        public void shift(Tensor out, Tensor x, int distance, Batch batch) {}
    }
}
