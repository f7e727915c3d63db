package dev.hearth.schedule;

import dev.hearth.layer.Stage;
import dev.hearth.model.Encoder;
import dev.hearth.model.Network;
import dev.hearth.model.Pipeline;
import dev.hearth.model.Scratch;
import dev.hearth.model.StateSpec;
import dev.hearth.model.Step;
import dev.hearth.model.Workspace;
import dev.hearth.spi.Batch;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.Device;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.spi.Precision;
import dev.hearth.spi.RecurrentLayout;
import dev.hearth.spi.RecurrentView;
import dev.hearth.state.PagePool;
import dev.hearth.state.StateCache;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntConsumer;

/** Turns chunks of sequences into one ragged step and runs it; an encoder's chunks are whole sequences. Used by one thread at a time. */
public final class Runner implements AutoCloseable {
    private final Network network;
    private final Pipeline pipeline;
    private final Precision precision;
    private final CacheType cacheType;
    private final int contextLength;
    private final StateCache cache;
    private final RowOrder order;
    private final Optional<StepPages> pages; // of an encoder
    private final List<Scratch> inputs = new ArrayList<>(); // of each device
    private final Workspace workspace;
    private final Workspace after; // of stages, on the last device: results of a step outlast them
    private final Readback results;
    private final Readback resultsAfter;

    /** A runner with a cache of its own, of at most {@code cacheBytes}, for sequences of up to {@code contextLength} positions. */
    public Runner(
            Network network,
            Device device,
            Precision precision,
            CacheType cacheType,
            int contextLength,
            long cacheBytes) {
        this(network, Pipeline.on(device), precision, cacheType, contextLength, cacheBytes);
    }

    /** The same on the devices on which the network's weights are. */
    public Runner(
            Network network,
            Pipeline pipeline,
            Precision precision,
            CacheType cacheType,
            int contextLength,
            long cacheBytes) {
        this.network = network;
        this.pipeline = pipeline;
        this.precision = precision;
        this.cacheType = cacheType;
        this.contextLength = contextLength;
        this.cache = new StateCache(pipeline.devices(), network.states(), cacheType, contextLength, cacheBytes);
        this.order = new RowOrder(network.states());
        this.pages = network instanceof Encoder encoder
                ? Optional.of(new StepPages(pipeline.first(), encoder.layerStates()))
                : Optional.empty();
        pipeline.devices().forEach(device -> inputs.add(Scratch.inHostMemory(device)));
        this.workspace = new Workspace(pipeline);
        this.after = new Workspace(Pipeline.on(pipeline.last()));
        this.results = new Readback(pipeline.last());
        this.resultsAfter = new Readback(pipeline.last());
    }

    /** The state of the sequences it runs. */
    public StateCache cache() {
        return cache;
    }

    /** Makes the calling thread the devices' until the turn is closed; a thread of the engine's own, between steps. */
    Device.Turn turn() {
        if (pipeline.stageCount() == 1) {
            return pipeline.first().turn();
        }
        List<Device.Turn> turns =
                pipeline.devices().stream().map(Device::turn).toList().reversed();
        return () -> turns.forEach(Device.Turn::close);
    }

    /** Does tasks by the threads that compute, within a turn; see {@link Device#each}. */
    void each(int count, IntConsumer task) {
        pipeline.first().each(count, task); // the processor's layers are the first, where it has any
    }

    /** Bytes of scratch memory that the largest step will take, the device's operations included. */
    public long largestScratchBytes() {
        return new LargestStep(network, pipeline, precision, cacheType, contextLength).scratchBytes();
    }

    /** @throws dev.hearth.spi.UnsupportedOnDeviceException if a device hasn't what the network asks of it */
    public void requireSupport() {
        if (pipeline.stageCount() > 1 || !pipeline.first().supportsAll()) {
            largestScratchBytes();
        }
    }

    /** Bytes of scratch memory held now. */
    public long scratchBytes() {
        return inputs.stream().mapToLong(Scratch::byteSize).sum()
                + workspace.byteSize()
                + after.byteSize()
                + results.byteSize()
                + resultsAfter.byteSize()
                + pages.map(StepPages::byteSize).orElse(0L);
    }

    /** Whether a chunk has to be a whole sequence. */
    public boolean takesWholeSequences() {
        return pages.isPresent();
    }

    /**
     * Computes the chunks, one of each sequence at most, and writes their keys and values.
     *
     * @return F32 [wanted logits, vocabulary] in the order of the chunks, ready to be read, until the next call
     */
    public Results forward(List<Chunk> chunks) {
        return run(chunks, step -> Results.logits(network.logits(step), step.atEnd()));
    }

    /** As {@link #forward}, with the hidden states of the chosen tokens instead of their logits: F32 [chosen, hidden]. */
    public Results hidden(List<Chunk> chunks) {
        return run(chunks, step -> Results.hidden(network.hidden(step)));
    }

    /**
     * Takes one row through stages.
     *
     * @return as many elements as the last stage gives, the row itself if there is none
     */
    public float[] apply(List<Stage> stages, float[] row) {
        if (stages.isEmpty()) {
            return row;
        }
        after.beginStep();
        Tensor none = after.scratch(0).forStep(DType.I32, 1, 1);
        Step step = new Step(after, 0, precision, none, none, List.of(new Batch(none, none)), List.of(), none);
        Tensor x = step.scratch().forStep(DType.F32, 1, row.length);
        resultsAfter.write(x, row);
        for (Stage stage : stages) { // as one layer: a stage may leave its result where it found it
            x = stage.forward(x, step);
        }
        Tensor last = resultsAfter.of(x);
        float[] result = new float[(int) last.width()];
        for (int i = 0; i < result.length; i++) {
            result[i] = last.getFloat(0, i);
        }
        return result;
    }

    private Results run(List<Chunk> chunks, Function<Step, Results> output) {
        inputs.forEach(Scratch::beginStep);
        Scratch first = inputs.getFirst();
        int tokens = chunks.stream().mapToInt(Chunk::count).sum();
        Tensor ids = first.forStep(DType.I32, tokens, 1);
        Tensor types = first.forStep(DType.I32, tokens, 1);
        Tensor positions = first.forStep(DType.I32, tokens, 1);
        Tensor ends = pages.isPresent() ? first.forStep(DType.I32, tokens, 1) : positions;
        Tensor sequences = first.forStep(DType.I32, tokens, 1);
        Tensor logitRows = inputs.getLast()
                .forStep(DType.I32, chunks.stream().mapToInt(Chunk::logitCount).sum(), 1);
        int[] firstLogits = new int[chunks.size()];
        for (int s = 1; s < firstLogits.length; s++) {
            firstLogits[s] = firstLogits[s - 1] + chunks.get(s - 1).logitCount();
        }
        int row = 0;
        for (int s : order.of(chunks)) {
            Chunk chunk = chunks.get(s);
            int unwanted = chunk.count() - chunk.logitCount();
            if (!chunk.state().reserve(chunk.first() + chunk.count())) {
                throw new IllegalStateException("step: no page is free for a sequence of "
                        + (chunk.first() + chunk.count()) + " positions; its pages have to be reserved before");
            }
            for (int i = 0; i < chunk.count(); i++, row++) {
                ids.setInt(row, 0, chunk.tokens().get(chunk.first() + i));
                types.setInt(row, 0, chunk.tokens().type(chunk.first() + i));
                positions.setInt(row, 0, chunk.first() + i);
                if (pages.isPresent()) {
                    ends.setInt(row, 0, chunk.count() - 1);
                }
                sequences.setInt(row, 0, s);
                if (i >= unwanted) {
                    logitRows.setInt(firstLogits[s] + i - unwanted, 0, row);
                }
            }
        }
        List<Batch> batches = batches(new Batch(positions, sequences, ends));
        List<Step.State> states = pages.isPresent() ? pages.get().states(chunks, first) : states(chunks);
        Results read = compute(new Step(workspace, 0, precision, ids, types, batches, states, logitRows), output);
        chunks.forEach(c -> c.state().advance(c.first() + c.count()));
        return read;
    }

    private Results compute(Step step, Function<Step, Results> output) {
        try {
            return results.of(output.apply(step));
        } catch (RuntimeException | Error e) {
            for (Device device : pipeline.devices()) { // what they know of this step's integers must not outlast it
                try {
                    device.ops().fence().await();
                } catch (RuntimeException failed) {
                    e.addSuppressed(failed);
                }
            }
            throw e;
        }
    }

    /** The same for every device, in memory from which it takes integers. */
    private List<Batch> batches(Batch first) {
        if (inputs.size() == 1) {
            return List.of(first);
        }
        List<Batch> batches = new ArrayList<>();
        batches.add(first);
        for (Scratch other : inputs.subList(1, inputs.size())) {
            batches.add(new Batch(
                    copy(first.positions(), other), copy(first.sequences(), other), copy(first.ends(), other)));
        }
        return batches;
    }

    private static Tensor copy(Tensor integers, Scratch to) {
        Tensor copy = to.forStep(integers.type(), integers.rows(), integers.width());
        MemorySegment.copy(integers.segment(), 0, copy.segment(), 0, integers.rows() * integers.rowBytes());
        return copy;
    }

    private List<Step.State> states(List<Chunk> chunks) {
        int width = chunks.stream().mapToInt(c -> c.state().pageCount()).max().orElse(0);
        List<Step.State> states = new ArrayList<>();
        for (int group = 0; group < cache.pools().size(); group++) {
            PagePool pool = cache.pools().get(group);
            states.add(
                    switch (cache.specs().get(group)) {
                        case StateSpec.Kv kv -> {
                            Tensor table = table(chunks, group, width, inputs.get(kv.stage()));
                            KvLayout layout = kv.layout(StateCache.PAGE_SIZE, cacheType);
                            yield new Step.State.Kv(
                                    kv.stage(), layer -> new KvView(pool.buffer(), layout, layer, table));
                        }
                        case StateSpec.Recurrent recurrent -> {
                            Tensor slots = inputs.get(recurrent.stage()).forStep(DType.I32, chunks.size(), 1);
                            for (int s = 0; s < chunks.size(); s++) {
                                slots.setInt(s, 0, chunks.get(s).state().page(group, 0));
                            }
                            RecurrentLayout layout = recurrent.layout();
                            yield new Step.State.Recurrent(
                                    recurrent.stage(), layer -> new RecurrentView(pool.buffer(), layout, layer, slots));
                        }
                    });
        }
        return states;
    }

    private static Tensor table(List<Chunk> chunks, int group, int width, Scratch inputs) {
        Tensor table = inputs.forStep(DType.I32, chunks.size(), Math.max(1, width));
        for (int s = 0; s < chunks.size(); s++) {
            for (int i = 0; i < chunks.get(s).state().pageCount(); i++) {
                table.setInt(s, i, chunks.get(s).state().page(group, i));
            }
        }
        return table;
    }

    @Override
    public void close() {
        inputs.forEach(Scratch::close);
        workspace.close();
        after.close();
        results.close();
        resultsAfter.close();
        pages.ifPresent(StepPages::close);
        cache.close();
    }
}
