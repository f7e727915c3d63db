package dev.hearth.gpu;

import dev.hearth.spi.Activation;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Batch;
import dev.hearth.spi.ConvolutionSpec;
import dev.hearth.spi.DeltaSpec;
import dev.hearth.spi.ExpertWeights;
import dev.hearth.spi.Fence;
import dev.hearth.spi.Gating;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.spi.NormSpec;
import dev.hearth.spi.Precision;
import dev.hearth.spi.RecurrentView;
import dev.hearth.spi.RopeSpec;
import dev.hearth.spi.RoutingSpec;
import dev.hearth.spi.RowFunction;
import dev.hearth.spi.ScanSpec;
import dev.hearth.spi.ScanWeights;
import dev.hearth.spi.host.HostKernels;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Operations as launches: each call fills a kernel's parameters and enqueues it for all rows, ranges being whole. */
final class GpuKernels implements HostKernels {
    private final Support support;
    private final Tables tables;
    private final RowKernels rows;
    private final WeightKernels.All weights;
    private final GpuElements elements;
    private final GpuExperts experts;
    private final GpuRecurrence recurrence;
    private final GpuAttention attention;
    private final Launches launches;
    private final Fence fence;

    /**
     * Kernels of the driver's image.
     *
     * @param afterStep runs when a fence has been waited for
     * @throws dev.hearth.spi.DeviceException if it lacks one
     */
    GpuKernels(GpuDriver driver, Mirrors mirrors, Support support, Runnable afterStep) {
        this.support = support;
        this.rows = RowKernels.load(driver);
        this.weights = WeightKernels.load(driver);
        this.tables = new Tables(driver);
        this.launches = new Launches(driver, mirrors);
        this.elements = new GpuElements(rows, launches);
        this.attention = new GpuAttention(driver, launches, tables);
        this.recurrence = new GpuRecurrence(rows, launches);
        this.experts = new GpuExperts(driver, this, rows, weights, launches);
        this.fence = () -> {
            mirrors.endStep();
            attention.endStep();
            driver.synchronize();
            afterStep.run();
        };
    }

    @Override
    public Fence fence() {
        return fence;
    }

    private WeightKernels kernels(HostWeight weight) {
        support.requireWeight(weight.type());
        return weights.of(weight.type());
    }

    @Override
    public void embed(Tensor out, HostWeight table, Tensor ids, float scale, long from, long to) {
        GpuKernel kernel = kernels(table).embed();
        launches.begin()
                .rows(out)
                .byteRows(table, 0)
                .integers(ids)
                .put(out.width())
                .put(scale);
        launches.launch(kernel, to, 1);
    }

    @Override
    public void addNorm(
            Tensor out, Tensor residual, @Nullable Tensor delta, HostWeight weight, NormSpec spec, long from, long to) {
        norm(rows.norm(), out, residual, delta, weight, null, spec, to);
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
        norm(rows.layerNorm(), out, residual, delta, weight, bias, spec, to);
    }

    private void norm(
            GpuKernel kernel,
            Tensor out,
            Tensor residual,
            @Nullable Tensor delta,
            HostWeight weight,
            @Nullable HostWeight bias,
            NormSpec spec,
            long rowCount) {
        long groups = out.width() / spec.groupSize();
        launches.begin().rows(out).rows(residual).rows(delta).vector(weight, 0).vector(bias, 0);
        launches.parameters().put(groups).put((long) spec.groupSize()).put(spec.epsilon());
        launches.launch(kernel, rowCount * groups, 1);
    }

    @Override
    public void scale(Tensor inOut, float factor, long from, long to) {
        elements.run(rows.scale(), inOut, inOut, null, null, factor, 0, 0);
    }

    @Override
    public void scale(Tensor inOut, HostWeight factors, long from, long to) {
        elements.run(rows.scaleColumns(), inOut, inOut, null, factors, 0, 0, 0);
    }

    @Override
    public void activate(Tensor inOut, Activation activation, long from, long to) {
        elements.run(rows.activate(), inOut, inOut, null, null, 0, 0, Codes.of(activation));
    }

    @Override
    public void add(Tensor inOut, Tensor x, long from, long to) {
        elements.run(rows.add(), inOut, inOut, x, null, 0, 0, 0);
    }

    @Override
    public void multiply(Tensor inOut, Tensor x, long from, long to) {
        elements.run(rows.multiply(), inOut, inOut, x, null, 0, 0, 0);
    }

    @Override
    public void gate(Tensor out, Tensor gate, Tensor up, Activation activation, long from, long to) {
        elements.run(rows.gate(), out, gate, up, null, 0, 0, Codes.of(activation));
    }

    @Override
    public void clampedGate(Tensor out, Tensor gate, Tensor up, Gating.Clamped gating, long from, long to) {
        elements.run(rows.clampedGate(), out, gate, up, null, gating.alpha(), gating.limit(), 0);
    }

    @Override
    public void softcap(Tensor inOut, float cap, long from, long to) {
        elements.run(rows.softcap(), inOut, inOut, null, null, cap, 0, 0);
    }

    @Override
    public void gather(Tensor out, Tensor x, Tensor indices, long from, long to) {
        launches.begin()
                .byteRows(out)
                .byteRows(x)
                .integers(indices)
                .put(x.type().bytes(x.width()));
        launches.launch(rows.gather(), to, 1);
    }

    @Override
    public void shift(Tensor out, Tensor x, int distance, Batch batch, long from, long to) {
        launches.begin().rows(out).rows(x).integers(batch.positions()).integers(batch.sequences());
        launches.parameters().put(to).put(x.width()).put((long) distance);
        launches.launch(rows.shift(), to, 1);
    }

    @Override
    public void maxima(Tensor out, Tensor x, int size, long from, long to) {
        launches.begin()
                .rows(out)
                .rows(x)
                .put(out.rows())
                .put(out.width())
                .put(x.width())
                .put((long) size);
        launches.launch(rows.maxima(), Launches.blocks(to * 16, GpuDriver.THREADS), 1);
    }

    @Override
    public void quantize(Tensor out, Tensor x, long from, long to) {
        int size = out.type().blockSize();
        launches.begin().byteRows(out).rows(x).put(to).put(x.width()).put(size);
        if (!out.type().isQuantised()) {
            launches.launch(rows.bfloats(), to, 1);
            return;
        }
        launches.launch(rows.quantize(), Launches.blocks(to * (x.width() / size) * 16, GpuDriver.THREADS), 1);
    }

    @Override
    public void linear(Tensor out, Tensor x, HostWeight weight, @Nullable HostWeight bias, long from, long to) {
        WeightKernels kernels = kernels(weight);
        launches.begin()
                .rows(out.columns(from, to - from))
                .byteRows(x)
                .byteRows(weight, from)
                .vector(bias, from);
        launches.parameters().put(x.rows()).put(to - from).put(x.width());
        launches.parameters().put(0L).put(0L).put(0L).put(0L).put(0L); // no experts
        kernels.launch(launches, x.type(), to - from, x.rows());
    }

    @Override
    public boolean doesExperts() {
        return true;
    }

    @Override
    public void experts(Tensor out, Tensor x, Tensor chosen, Tensor shares, ExpertWeights w, Precision precision) {
        support.requireExperts(w);
        if (x.rows() > 0) {
            experts.run(out, x, chosen, shares, w, precision);
        }
    }

    @Override
    public void route(
            Tensor chosen,
            Tensor shares,
            Tensor logits,
            @Nullable HostWeight bias,
            RoutingSpec spec,
            long from,
            long to) {
        support.requireRoute(logits.width());
        experts.route(chosen, shares, logits, bias, spec);
    }

    @Override
    public void rotate(Tensor inOut, Tensor positions, Tensor table, RopeSpec spec, long from, long to) {
        boolean halves = spec.pairing() == RopeSpec.Pairing.HALVES;
        int pairs = spec.pairCount();
        launches.begin().rows(inOut).integers(positions).put(tables.rotation(spec, table));
        launches.parameters()
                .put(inOut.width() / spec.headDim())
                .put(spec.headDim())
                .put(pairs);
        launches.parameters().put(halves ? 1 : 2).put(halves ? pairs : 1);
        launches.launch(rows.rotate(), to, 1);
    }

    /** The struct Cache of attention.h. */
    private Parameters cache(KvView kv) {
        KvLayout layout = kv.layout();
        long pool = Parameters.address(kv.pool());
        launches.begin().put(pool + kv.keyOffset(0, 0)).put(pool + kv.valueOffset(0, 0));
        launches.parameters().put(kv.keyHeadBytes()).put(kv.keyPageBytes()).put(layout.keyBytes());
        launches.parameters().put(kv.keyScaleOffset(0, 0) - kv.keyOffset(0, 0));
        launches.parameters().put(kv.valueHeadBytes()).put(kv.valuePageBytes()).put(layout.valueBytes());
        launches.parameters().put(kv.valueScaleOffset(0, 0) - kv.valueOffset(0, 0));
        launches.parameters().integers(kv.pageTable()).put(layout.pageSize()).put(layout.headDim());
        launches.parameters().put(layout.valueDim()).put(Codes.of(layout.type()));
        return launches.parameters().put(readsByFour(kv, pool) ? 1 : 0).put(0);
    }

    /** Whether four neighbouring elements of every key lie at a multiple of their size. */
    private static boolean readsByFour(KvView kv, long pool) {
        long size = kv.layout().type().bytes(4);
        long start = pool + kv.keyOffset(0, 0);
        return kv.layout().headDim() % 4 == 0
                && (start | kv.keyHeadBytes() | kv.keyPageBytes() | kv.layout().keyBytes()) % size == 0;
    }

    @Override
    public void store(KvView kv, Tensor keys, @Nullable Tensor values, Batch batch, long from, long to) {
        cache(kv).rows(keys).rows(values).integers(batch.sequences()).integers(batch.positions());
        launches.launch(rows.store(), to, kv.layout().headCount());
    }

    @Override
    public void attend(Tensor out, Tensor queries, KvView kv, AttentionSpec spec, Batch batch, long from, long to) {
        support.requireAttend(kv.layout());
        if (batch.tokenCount() > 0) {
            attention.attend(out, queries, kv, spec, batch, cache(kv));
        }
    }

    @Override
    public void map(Tensor out, Tensor x, RowFunction function, long from, long to) {
        elements.map(out, x, function);
    }

    @Override
    public void mix(Tensor out, Tensor x, Tensor weights, int streams, long from, long to) {
        elements.mix(out, x, weights, streams);
    }

    @Override
    public void resize(Tensor inOut, Tensor like, float least, long from, long to) {
        elements.resize(inOut, like, least);
    }

    /** A step of {@link HostKernels} that do no experts. */
    @Override
    public void accumulate(Tensor inOut, Tensor x, Tensor rows, Tensor weights, long from, long to) {
        throw new AssertionError("the kernels do experts");
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
            Batch batch,
            long from,
            long to) {
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
            HostWeight decay,
            HostWeight stepBias,
            RecurrentView state,
            DeltaSpec spec,
            Batch batch,
            long from,
            long to) {
        support.requireDelta(spec);
        recurrence.delta(out, queries, keys, values, steps, beta, decay, stepBias, state, spec, batch);
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
        recurrence.wkv(out, keys, values, decay, bonus, state, stateOffset, batch);
    }

    @Override
    public void close() {
        tables.close();
        experts.close();
        attention.close();
        launches.close();
    }
}
