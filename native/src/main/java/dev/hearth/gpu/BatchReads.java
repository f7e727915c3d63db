package dev.hearth.gpu;

import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Batch;
import dev.hearth.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** What attention has to know of a step's tokens: found by going over them once for all layers that ask the same. Used by the queue's thread. */
final class BatchReads {
    /** Positions that a block does at once. */
    static final int SEGMENT = 256;

    private final List<Together> together = new ArrayList<>(); // few: layers with the same page table
    private final List<Segments> segments = new ArrayList<>(); // few: layers with the same window

    private record Together(Batch batch, Tensor pages, boolean answer) {}

    private record Segments(Batch batch, int window, int ahead, int chunk, int tileTokens, int answer) {}

    /** Whether most tokens see what the one before them sees: of the same sequence, or of one that begins in the same page. */
    boolean readsTogether(Batch batch, Tensor pages) {
        for (int i = 0; i < together.size(); i++) {
            Together known = together.get(i);
            if (known.batch.equals(batch) && known.pages.equals(pages)) {
                return known.answer;
            }
        }
        Together found = new Together(batch, pages, countNeighbours(batch, pages) * 2 >= batch.tokenCount());
        together.add(found);
        return found.answer;
    }

    private static long countNeighbours(Batch batch, Tensor pages) {
        long neighbours = 0;
        for (long t = 1; t < batch.tokenCount(); t++) {
            int before = batch.sequences().getInt(t - 1, 0);
            int own = batch.sequences().getInt(t, 0);
            boolean same = before == own || pages.width() > 0 && pages.getInt(before, 0) == pages.getInt(own, 0);
            neighbours += same ? 1 : 0;
        }
        return neighbours;
    }

    /** Segments that a tile of so many tokens sees any position of, at most. */
    int segments(Batch batch, AttentionSpec spec, int tileTokens) {
        for (int i = 0; i < segments.size(); i++) {
            Segments known = segments.get(i);
            if (known.tileTokens == tileTokens
                    && known.window == spec.window()
                    && known.ahead == spec.ahead()
                    && known.chunk == spec.chunk()
                    && known.batch.equals(batch)) {
                return known.answer;
            }
        }
        int most = countSegments(batch, spec, tileTokens);
        segments.add(new Segments(batch, spec.window(), spec.ahead(), spec.chunk(), tileTokens, most));
        return most;
    }

    private static int countSegments(Batch batch, AttentionSpec spec, int tileTokens) {
        int most = 1;
        for (long start = 0; start < batch.tokenCount(); start += tileTokens) {
            long first = Long.MAX_VALUE;
            long last = 0;
            for (long t = start; t < Math.min(start + tileTokens, batch.tokenCount()); t++) {
                int own = batch.positions().getInt(t, 0);
                first = Math.min(first, spec.firstVisible(own));
                last = Math.max(last, spec.lastVisible(own, batch.ends().getInt(t, 0)));
            }
            most = Math.max(most, (int) (last / SEGMENT - first / SEGMENT + 1));
        }
        return most;
    }

    /** The integers may change. */
    void endStep() {
        together.clear();
        segments.clear();
    }
}
