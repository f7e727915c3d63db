package dev.hearth.spi.host;

import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Batch;
import dev.hearth.spi.KvView;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Checks, before kernels read or write them, that every page that a batch needs is in the table and in the pool. */
final class PageBounds {
    private PageBounds() {}

    /** Pages of the tokens' own positions. */
    static void checkOwn(KvView kv, Batch batch) {
        check("store", kv, batch, null);
    }

    /** Pages of every position that a token sees. */
    static void checkSeen(KvView kv, Batch batch, AttentionSpec spec) {
        check("attend", kv, batch, spec);
    }

    private static void check(String operation, KvView kv, Batch batch, @Nullable AttentionSpec seen) {
        int pageSize = kv.layout().pageSize();
        int sequence = -1;
        int from = 0; // pages [from, to) of the sequence have been checked
        int to = 0;
        for (long t = 0; t < batch.tokenCount(); t++) {
            int position = batch.positions().getInt(t, 0);
            if (batch.sequences().getInt(t, 0) != sequence || t == 0) {
                sequence = batch.sequences().getInt(t, 0);
                from = to = 0;
            }
            int end = batch.ends().getInt(t, 0);
            checkPosition(operation, kv, sequence, position, end);
            int low = (seen == null ? position : seen.firstVisible(position)) / pageSize;
            int high = (seen == null ? position : seen.lastVisible(position, end)) / pageSize;
            for (int index = low; index <= high; index++) {
                if (index < from || index >= to) {
                    checkPage(operation, kv, sequence, position, index);
                }
            }
            from = low; // the next token's window mostly overlaps this one's
            to = high + 1;
        }
    }

    private static void checkPosition(String operation, KvView kv, int sequence, int position, int end) {
        Tensor table = kv.pageTable();
        if (sequence < 0
                || sequence >= table.rows()
                || position < 0
                || end < position
                || end / kv.layout().pageSize() >= table.width()) {
            throw new IllegalArgumentException(operation + ": sequence " + sequence + ", position " + position
                    + ", end " + end + " is outside the page table " + table.shape() + " of "
                    + kv.layout().pageSize() + " positions a page");
        }
    }

    private static void checkPage(String operation, KvView kv, int sequence, int position, int index) {
        int page = kv.pageTable().getInt(sequence, index);
        if (page < 0 || page >= kv.pageCount()) {
            throw new IllegalArgumentException(
                    operation + ": sequence " + sequence + ", position " + position + ": entry "
                            + index + " of the page table: expected a page below "
                            + kv.pageCount() + ", found " + page);
        }
    }
}
