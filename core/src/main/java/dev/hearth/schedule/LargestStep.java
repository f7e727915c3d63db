package dev.hearth.schedule;

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
import dev.hearth.spi.KvView;
import dev.hearth.spi.MemoryInfo;
import dev.hearth.spi.Ops;
import dev.hearth.spi.Precision;
import dev.hearth.spi.RecurrentView;
import dev.hearth.spi.ScratchMeter;
import dev.hearth.spi.Weight;
import dev.hearth.spi.WeightSource;
import dev.hearth.state.StateCache;
import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The memory that the largest step takes beside weights and cache: the network goes its way over buffers that have a size and no
 * memory. A decoder's largest step is of {@link EngineLoop#STEP_TOKENS} sequences with a token each, for all of which logits are
 * wanted; an encoder's is a text of full length.
 */
final class LargestStep {
    private final Network network;
    private final Precision precision;
    private final CacheType cacheType;
    private final int contextLength;
    private final int tokens;
    private final List<ScratchMeter> meters;
    private final Pipeline pipeline;

    LargestStep(Network network, Pipeline pipeline, Precision precision, CacheType cacheType, int contextLength) {
        this.network = network;
        this.precision = precision;
        this.cacheType = cacheType;
        this.contextLength = contextLength;
        this.tokens = network instanceof Encoder ? contextLength : EngineLoop.STEP_TOKENS;
        this.meters = pipeline.devices().stream()
                .map(device -> device.scratchMeter(contextLength))
                .toList();
        this.pipeline = pipeline.with(meters.stream().map(Sizes::new).toList());
    }

    /** Bytes of scratch of the runner and of the device's operations. */
    long scratchBytes() {
        try (Scratch inputs = new Scratch(pipeline.first());
                Workspace workspace = new Workspace(pipeline)) {
            for (int pass = 0; pass < 2; pass++) { // the second finds each region in one piece
                inputs.beginStep();
                run(inputs, workspace);
            }
            return inputs.byteSize()
                    + workspace.byteSize()
                    + pageBytes()
                    + meters.stream().mapToLong(ScratchMeter::bytes).sum();
        }
    }

    private void run(Scratch inputs, Workspace workspace) {
        Tensor[] columns = new Tensor[6]; // ids, types, positions, ends, sequences, rows of logits
        for (int i = 0; i < columns.length; i++) {
            columns[i] = inputs.forStep(DType.I32, tokens, 1);
        }
        List<Step.State> states = new ArrayList<>();
        for (StateSpec spec : network instanceof Encoder encoder ? encoder.layerStates() : network.states()) {
            states.add(state(spec, inputs));
        }
        List<Batch> batches = Collections.nCopies(pipeline.stageCount(), new Batch(columns[2], columns[4], columns[3]));
        Step step = new Step(workspace, 0, precision, columns[0], columns[1], batches, states, columns[5]);
        if (network instanceof Encoder encoder && !encoder.fillsMasks()) {
            network.hidden(step);
        } else {
            Results.logits(network.logits(step), step.atEnd());
        }
    }

    private Step.State state(StateSpec spec, Scratch inputs) {
        return switch (spec) {
            case StateSpec.Kv kv -> {
                Tensor table = inputs.forStep(DType.I32, tokens, pages(contextLength));
                var layout = kv.layout(StateCache.PAGE_SIZE, cacheType);
                Buffer pool = new Sized(pages(contextLength) * layout.pageBytes());
                yield new Step.State.Kv(kv.stage(), layer -> new KvView(pool, layout, layer, table));
            }
            case StateSpec.Recurrent recurrent -> {
                Tensor slots = inputs.forStep(DType.I32, tokens, 1);
                Buffer pool = new Sized(tokens * recurrent.layout().slotBytes());
                yield new Step.State.Recurrent(
                        recurrent.stage(), layer -> new RecurrentView(pool, recurrent.layout(), layer, slots));
            }
        };
    }

    private static int pages(int positions) {
        return (positions + StateCache.PAGE_SIZE - 1) / StateCache.PAGE_SIZE;
    }

    /** Of an encoder's layer at a time. */
    private long pageBytes() {
        return network instanceof Encoder encoder ? StepPages.byteSize(encoder.layerStates(), tokens) : 0;
    }

    /** A buffer without memory. */
    private record Sized(long byteSize) implements Buffer {}

    /** A device of such buffers. */
    private record Sizes(ScratchMeter meter) implements Device {
        @Override
        public String name() {
            return "sizes";
        }

        @Override
        public Weight load(WeightSource source) {
            return new SizedWeight(source.type(), source.shape());
        }

        @Override
        public Allocation allocate(long bytes) {
            return new SizedAllocation(new Sized(bytes));
        }

        @Override
        public void copy(Buffer to, long toOffset, Buffer from, long fromOffset, long bytes) {}

        @Override
        public Ops ops() {
            return meter.ops();
        }

        @Override
        public ScratchMeter scratchMeter(int positions) {
            return meter;
        }

        @Override
        public MemoryInfo memory() {
            return new MemoryInfo(Long.MAX_VALUE, Long.MAX_VALUE);
        }
    }

    private record SizedWeight(DType type, Shape shape) implements Weight {}

    private record SizedAllocation(Sized buffer) implements Device.Allocation {
        @Override
        public void close() {}
    }
}
