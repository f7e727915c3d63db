package dev.hearth;

import dev.hearth.embedding.Pooler;
import dev.hearth.embedding.Pooling;
import dev.hearth.schedule.Chunk;
import dev.hearth.schedule.Results;
import dev.hearth.schedule.Sequence;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Pools the hidden states of one text, and takes the result through what follows. */
final class PoolTask implements Sequence.Listener {
    private static final int CHUNK = 256;

    private final List<Pooling> poolings;
    private final int tokenCount;
    private final int skipped;
    private final UnaryOperator<float[]> stages; // on the loop's thread
    private final Outcome<float[]> outcome = new Outcome<>("reading a text", "read a text");
    private @Nullable Pooler pooler;
    private float @Nullable [] pooled;

    PoolTask(List<Pooling> poolings, int tokenCount, int skipped, UnaryOperator<float[]> stages) {
        this.poolings = poolings;
        this.tokenCount = tokenCount;
        this.skipped = skipped;
        this.stages = stages;
    }

    CompletableFuture<float[]> result() {
        return outcome.result();
    }

    @Override
    public Sequence.Output output() {
        return Sequence.Output.HIDDEN;
    }

    @Override
    public Chunk.Logits wanted(boolean last) {
        if (!poolings.equals(List.of(Pooling.LAST))) {
            return Chunk.Logits.ALL;
        }
        return last ? Chunk.Logits.LAST : Chunk.Logits.NONE;
    }

    @Override
    public int chunkLimit() {
        return CHUNK;
    }

    @Override
    public void accept(Results hidden, int row, int count, int position) {
        int width = hidden.width();
        if (pooler == null) {
            pooler = new Pooler(poolings, width, skipped);
        }
        float[] values = new float[width];
        for (int i = 0; i < count; i++) {
            hidden.copy(row + i, values);
            pooler.add(position + i, values);
        }
        if (position + count == tokenCount) {
            pooled = stages.apply(pooler.result());
        }
    }

    @Override
    public void ended(Sequence.End end, @Nullable Throwable failure) {
        outcome.ended(end, failure, () -> pooled);
    }
}
