package dev.hearth.schedule;

import dev.hearth.model.Decoder;
import dev.hearth.model.Scratch;
import dev.hearth.model.StateSpec;
import dev.hearth.model.Step;
import dev.hearth.spi.Batch;
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
import java.util.ArrayList;
import java.util.List;

/** Turns chunks of sequences into one ragged step and runs it. Used by one thread at a time. */
public final class Runner implements AutoCloseable {
    private final Decoder decoder;
    private final Device device;
    private final Precision precision;
    private final StateCache cache;
    private final Scratch inputs;
    private final Scratch scratch;

    /** A runner with a cache of its own, of at most {@code cacheBytes}. */
    public Runner(Decoder decoder, Device device, Precision precision, long cacheBytes) {
        this.decoder = decoder;
        this.device = device;
        this.precision = precision;
        this.cache = new StateCache(device, decoder.states(), precision.cache(), cacheBytes);
        this.inputs = new Scratch(device);
        this.scratch = new Scratch(device);
    }

    /** The state of the sequences it runs. */
    public StateCache cache() {
        return cache;
    }

    /** Bytes of scratch memory held now. */
    public long scratchBytes() {
        return inputs.byteSize() + scratch.byteSize();
    }

    /**
     * Computes the chunks, one of each sequence at most, and writes their keys and values.
     *
     * @return F32 [wanted logits, vocabulary] in the order of the chunks, ready to be read, until the next call
     */
    public Tensor forward(List<Chunk> chunks) {
        inputs.beginStep();
        int tokens = chunks.stream().mapToInt(Chunk::count).sum();
        Tensor ids = inputs.forStep(DType.I32, tokens, 1);
        Tensor positions = inputs.forStep(DType.I32, tokens, 1);
        Tensor sequences = inputs.forStep(DType.I32, tokens, 1);
        Tensor logitRows = inputs.forStep(
                DType.I32, chunks.stream().mapToInt(Chunk::logitCount).sum(), 1);
        int row = 0;
        int logitRow = 0;
        for (int s = 0; s < chunks.size(); s++) {
            Chunk chunk = chunks.get(s);
            chunk.state().reserve(chunk.first() + chunk.count());
            for (int i = 0; i < chunk.count(); i++, row++) {
                ids.setInt(row, 0, chunk.tokens().get(chunk.first() + i));
                positions.setInt(row, 0, chunk.first() + i);
                sequences.setInt(row, 0, s);
                if (i >= chunk.count() - chunk.logitCount()) {
                    logitRows.setInt(logitRow++, 0, row);
                }
            }
        }
        Batch batch = new Batch(positions, sequences);
        Tensor logits =
                decoder.forward(new Step(device.ops(), scratch, precision, ids, batch, states(chunks), logitRows));
        device.ops().fence().await();
        chunks.forEach(c -> c.state().forgetBefore(c.first() + c.count()));
        return logits;
    }

    private List<Step.State> states(List<Chunk> chunks) {
        int width = chunks.stream().mapToInt(c -> c.state().pageCount()).max().orElse(0);
        List<Step.State> states = new ArrayList<>();
        for (int group = 0; group < cache.pools().size(); group++) {
            PagePool pool = cache.pools().get(group);
            states.add(
                    switch (cache.specs().get(group)) {
                        case StateSpec.Kv kv -> {
                            Tensor table = table(chunks, group, width);
                            KvLayout layout = kv.layout(StateCache.PAGE_SIZE, precision.cache());
                            yield new Step.State.Kv(layer -> new KvView(pool.buffer(), layout, layer, table));
                        }
                        case StateSpec.Recurrent recurrent -> {
                            Tensor slots = inputs.forStep(DType.I32, chunks.size(), 1);
                            for (int s = 0; s < chunks.size(); s++) {
                                slots.setInt(s, 0, chunks.get(s).state().page(group, 0));
                            }
                            RecurrentLayout layout = recurrent.layout();
                            yield new Step.State.Recurrent(
                                    layer -> new RecurrentView(pool.buffer(), layout, layer, slots));
                        }
                    });
        }
        return states;
    }

    private Tensor table(List<Chunk> chunks, int group, int width) {
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
        inputs.close();
        scratch.close();
        cache.close();
    }
}
