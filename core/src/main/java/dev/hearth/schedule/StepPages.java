package dev.hearth.schedule;

import dev.hearth.model.Scratch;
import dev.hearth.model.StateSpec;
import dev.hearth.model.Step;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.Device;
import dev.hearth.spi.KvLayout;
import dev.hearth.spi.KvView;
import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys and values of one layer at a time, for sequences that a step reads whole: every layer writes over those of the layer
 * before. F32, whatever the precision. Used by one thread at a time.
 */
final class StepPages implements AutoCloseable {
    private static final int PAGE_SIZE = 64;

    private final Device device;
    private final List<StateSpec> specs;
    private Device.@Nullable Allocation memory;

    /** Pages for layers of these groups. */
    StepPages(Device device, List<StateSpec> specs) {
        this.device = device;
        this.specs = specs;
        for (StateSpec spec : specs) {
            if (!(spec instanceof StateSpec.Kv)) {
                throw new IllegalArgumentException("encoder: expected layers that attend, found " + spec);
            }
        }
    }

    /** What a step over these chunks, of whole sequences each, needs. */
    List<Step.State> states(List<Chunk> chunks, Scratch inputs) {
        int width = 1;
        int pages = 0;
        for (Chunk chunk : chunks) {
            width = Math.max(width, pageCount(chunk));
            pages += pageCount(chunk);
        }
        Tensor table = inputs.forStep(DType.I32, chunks.size(), width);
        int next = 0;
        for (int s = 0; s < chunks.size(); s++) {
            for (int i = 0; i < pageCount(chunks.get(s)); i++) {
                table.setInt(s, i, next++);
            }
        }
        Buffer pool = room(pages * pageBytes(specs));
        List<Step.State> states = new ArrayList<>();
        for (StateSpec spec : specs) {
            KvLayout layout = layout(spec);
            states.add(new Step.State.Kv(0, layer -> new KvView(pool, layout, 0, table)));
        }
        return states;
    }

    private static long pageBytes(List<StateSpec> specs) {
        return specs.stream().mapToLong(s -> layout(s).pageBytes()).max().orElse(1);
    }

    /** Bytes for one sequence of so many tokens. */
    static long byteSize(List<StateSpec> specs, int tokens) {
        return pageCount(tokens) * pageBytes(specs);
    }

    private Buffer room(long bytes) {
        if (memory == null || memory.buffer().byteSize() < bytes) {
            close();
            memory = device.allocate(bytes);
        }
        return memory.buffer();
    }

    /** Bytes held now. */
    long byteSize() {
        return memory == null ? 0 : memory.buffer().byteSize();
    }

    @Override
    public void close() {
        if (memory != null) {
            memory.close();
            memory = null;
        }
    }

    private static KvLayout layout(StateSpec spec) {
        StateSpec.Kv kv = (StateSpec.Kv) spec;
        return new KvLayout(1, kv.headCount(), kv.headDim(), kv.values(), PAGE_SIZE, CacheType.F32);
    }

    private static int pageCount(Chunk chunk) {
        return pageCount(chunk.count());
    }

    private static int pageCount(int tokens) {
        return (tokens + PAGE_SIZE - 1) / PAGE_SIZE;
    }
}
