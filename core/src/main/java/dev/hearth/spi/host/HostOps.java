package dev.hearth.spi.host;

import static dev.hearth.spi.host.HostChecks.check;
import static dev.hearth.spi.host.HostChecks.column;
import static dev.hearth.spi.host.HostChecks.misfit;
import static dev.hearth.spi.host.HostChecks.same;

import dev.hearth.spi.Activation;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Batch;
import dev.hearth.spi.ConvolutionSpec;
import dev.hearth.spi.DeltaSpec;
import dev.hearth.spi.Device;
import dev.hearth.spi.Epilogue;
import dev.hearth.spi.ExpertWeights;
import dev.hearth.spi.Fence;
import dev.hearth.spi.Gating;
import dev.hearth.spi.KvView;
import dev.hearth.spi.NormSpec;
import dev.hearth.spi.Ops;
import dev.hearth.spi.Precision;
import dev.hearth.spi.Product;
import dev.hearth.spi.RecurrentView;
import dev.hearth.spi.RopeSpec;
import dev.hearth.spi.RoutingSpec;
import dev.hearth.spi.RowFunction;
import dev.hearth.spi.ScanSpec;
import dev.hearth.spi.ScanWeights;
import dev.hearth.spi.ScratchMeter;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.HostBuffer;
import dev.hearth.tensor.Tensor;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Checks shapes, splits each operation over threads and leaves the arithmetic to {@link HostKernels}, with which a call is done when it
 * returns unless they enqueue. Owns its kernels, scratch memory and rotation tables, not the threads.
 */
public final class HostOps implements Ops, AutoCloseable {
    private static final long ROWS = 1;
    private static final int POSITIONS = 1 << 24; // up to where F32 holds every integer

    private final HostKernels kernels;
    private final Parallel parallel;
    private final KernelCall call;
    private final Map<RopeSpec, RopeTable> tables = new IdentityHashMap<>();
    private final HostRows rows;
    private final HostExperts experts;
    private final HostAttention attention;
    private final HostNorms norms;
    private final HostLinear linear;
    private final HostRecurrence recurrence;

    /** Operations by {@code kernels}, spread by {@code parallel}. */
    public HostOps(HostKernels kernels, Parallel parallel) {
        this.kernels = kernels;
        this.parallel = parallel;
        this.call = new KernelCall(kernels, parallel);
        this.rows = new HostRows(call);
        this.experts = new HostExperts(call);
        this.attention = new HostAttention(kernels, parallel, call);
        this.norms = new HostNorms(call);
        this.linear = new HostLinear(call);
        this.recurrence = new HostRecurrence(call);
    }

    /** See {@link dev.hearth.spi.Device#turn}. */
    Device.Turn turn() {
        return parallel.turn();
    }

    void each(int count, IntConsumer task) {
        parallel.each(count, task);
    }

    /** What these operations will take for sequences of up to so many positions. */
    ScratchMeter scratchMeter(int positions) {
        return new HostScratchMeter(kernels, parallel.threadCount(), positions);
    }

    /** Bytes of tables and scratch memory held now. */
    public long scratchBytes() {
        long tableBytes =
                tables.values().stream().mapToLong(RopeTable::byteSize).sum();
        return tableBytes
                + rows.scratchBytes()
                + experts.scratchBytes()
                + attention.scratchBytes()
                + kernels.scratchBytes();
    }

    @Override
    public void embed(Tensor out, Weight table, Tensor ids, float scale) {
        rows.embed(out, table, ids, scale);
    }

    @Override
    public void embedOrFirst(Tensor out, Weight table, Tensor ids, float scale) {
        rows.embedOrFirst(out, table, ids, scale);
    }

    @Override
    public void norm(Tensor out, Tensor x, Weight weight, NormSpec spec) {
        addNorm(out, x, null, weight, spec);
    }

    @Override
    public void addNorm(Tensor out, Tensor residual, @Nullable Tensor delta, Weight weight, NormSpec spec) {
        norms.addNorm(out, residual, delta, weight, spec);
    }

    @Override
    public void layerNorm(
            Tensor out, Tensor residual, @Nullable Tensor delta, Weight weight, @Nullable Weight bias, NormSpec spec) {
        norms.layerNorm(out, residual, delta, weight, bias, spec);
    }

    @Override
    public void scale(Tensor inOut, float factor) {
        check("scale", inOut.type() == DType.F32, inOut);
        call.run(inOut.rows(), ROWS, HostKernels::scale, inOut, factor);
    }

    @Override
    public void scale(Tensor inOut, Weight factors) {
        rows.scale(inOut, factors);
    }

    @Override
    public void map(Tensor out, Tensor x, RowFunction function) {
        rows.map(out, x, function);
    }

    @Override
    public void mix(Tensor out, Tensor x, Tensor weights, int streams) {
        rows.mix(out, x, weights, streams);
    }

    @Override
    public void resize(Tensor inOut, Tensor like, float least) {
        rows.resize(inOut, like, least);
    }

    @Override
    public void maxima(Tensor out, Tensor x, int size) {
        rows.maxima(out, x, size);
    }

    @Override
    public void activate(Tensor inOut, Activation activation) {
        check("activate", inOut.type() == DType.F32, inOut);
        call.run(inOut.rows(), ROWS, HostKernels::activate, inOut, activation);
    }

    @Override
    public void add(Tensor inOut, Tensor x) {
        same("add", inOut, x);
        call.run(inOut.rows(), ROWS, HostKernels::add, inOut, x);
    }

    @Override
    public void quantize(Tensor out, Tensor x) {
        check(
                "quantize",
                (out.type() == DType.A8_32 || out.type() == DType.A8_256 || out.type() == DType.BF16)
                        && x.type() == DType.F32
                        && out.shape().equals(x.shape()),
                out,
                x);
        call.run(x.rows(), ROWS, HostKernels::quantize, out, x);
    }

    @Override
    public void linear(Tensor out, Tensor x, Weight weight, Epilogue epilogue) {
        linear.linear(out, x, weight, epilogue);
    }

    @Override
    public void linear(List<Tensor> outs, Tensor x, List<Product> products) {
        linear.linear(outs, x, products);
    }

    @Override
    public void rotate(Tensor inOut, Tensor positions, RopeSpec spec) {
        check(
                "rotate",
                inOut.width() % spec.headDim() == 0 && positions.rows() == inOut.rows() && inOut.type() == DType.F32,
                inOut,
                positions,
                spec);
        column("rotate", positions);
        int last = 0;
        for (long t = 0; t < positions.rows(); t++) {
            int position = positions.getInt(t, 0);
            if (position < 0 || position >= POSITIONS) {
                throw misfit("rotate", inOut, "position " + position);
            }
            last = Math.max(last, position);
        }
        Tensor table = tables.computeIfAbsent(spec, RopeTable::new).upTo(last);
        call.run(inOut.rows(), ROWS, HostKernels::rotate, inOut, positions, table, spec);
    }

    @Override
    public void store(KvView kv, Tensor keys, @Nullable Tensor values, Batch batch) {
        attention.store(kv, keys, values, batch);
    }

    @Override
    public void attend(Tensor out, Tensor queries, KvView kv, AttentionSpec spec, Batch batch) {
        attention.attend(out, queries, kv, spec, batch);
    }

    @Override
    public void gate(Tensor out, Tensor gate, Tensor up, Activation activation) {
        same("gate", out, gate);
        same("gate", out, up);
        call.run(out.rows(), ROWS, HostKernels::gate, out, gate, up, activation);
    }

    @Override
    public void clampedGate(Tensor out, Tensor gate, Tensor up, Gating.Clamped gating) {
        same("gate", out, gate);
        same("gate", out, up);
        call.run(out.rows(), ROWS, HostKernels::clampedGate, out, gate, up, gating);
    }

    @Override
    public void route(Tensor experts, Tensor weights, Tensor logits, @Nullable Weight bias, RoutingSpec spec) {
        this.experts.route(experts, weights, logits, bias, spec);
    }

    @Override
    public void experts(Tensor out, Tensor x, Tensor experts, Tensor weights, ExpertWeights w, Precision precision) {
        same("experts", out, x);
        check(
                "experts",
                experts.shape().equals(weights.shape())
                        && experts.rows() == x.rows()
                        && experts.type() == DType.I32
                        && weights.type() == DType.F32
                        && w.up().getFirst().shape().width() == x.width(),
                x,
                experts,
                weights,
                w.up().getFirst().shape());
        if (experts.buffer() instanceof HostBuffer) { // else an operation of the device has made them
            HostExperts.checkIndices(experts, w.count());
        }
        if (kernels.doesExperts()) {
            kernels.experts(out, x, experts, weights, w, precision);
        } else {
            this.experts.run(out, x, experts, weights, w, precision);
        }
    }

    @Override
    public void multiply(Tensor inOut, Tensor x) {
        same("multiply", inOut, x);
        call.run(inOut.rows(), ROWS, HostKernels::multiply, inOut, x);
    }

    @Override
    public void convolve(
            Tensor out,
            Tensor x,
            RecurrentView state,
            Weight filter,
            @Nullable Weight bias,
            ConvolutionSpec spec,
            Batch batch) {
        recurrence.convolve(out, x, state, filter, bias, spec, batch);
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
            Batch batch) {
        recurrence.scan(out, x, steps, b, c, weights, state, spec, batch);
    }

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
            Batch batch) {
        recurrence.delta(out, queries, keys, values, steps, beta, decay, stepBias, state, spec, batch);
    }

    @Override
    public void wkv(
            Tensor out,
            Tensor keys,
            Tensor values,
            Weight decay,
            Weight bonus,
            RecurrentView state,
            int stateOffset,
            Batch batch) {
        recurrence.wkv(out, keys, values, decay, bonus, state, stateOffset, batch);
    }

    @Override
    public void softcap(Tensor inOut, float cap) {
        check("softcap", cap > 0 && inOut.type() == DType.F32, inOut, cap);
        call.run(inOut.rows(), ROWS, HostKernels::softcap, inOut, cap);
    }

    @Override
    public void gather(Tensor out, Tensor x, Tensor rows) {
        check("gather", out.rows() == rows.rows() && out.width() == x.width() && out.type() == x.type(), out, x, rows);
        column("gather", rows);
        for (long i = 0; i < rows.rows(); i++) {
            int row = rows.getInt(i, 0);
            if (row < 0 || row >= x.rows()) {
                throw misfit("gather", x, "row " + row);
            }
        }
        call.run(out.rows(), ROWS, HostKernels::gather, out, x, rows);
    }

    @Override
    public void shift(Tensor out, Tensor x, int distance, Batch batch) {
        rows.shift(out, x, distance, batch);
    }

    @Override
    public Fence fence() {
        return kernels.fence();
    }

    @Override
    public void close() {
        tables.values().forEach(RopeTable::close);
        tables.clear();
        rows.close();
        experts.close();
        attention.close();
        kernels.close();
    }
}
