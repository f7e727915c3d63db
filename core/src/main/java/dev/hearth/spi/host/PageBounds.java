package dev.hearth.spi.host;

import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.Batch;
import dev.hearth.spi.KvView;
import dev.hearth.tensor.Tensor;
import java.util.function.IntBinaryOperator;

/** Checks, before kernels read or write them, that every page that a batch needs is in the table and in the pool. */
final class PageBounds {
    private final String operation;
    private final KvView kv;

    /** For an operation of this name, in errors. */
    PageBounds(String operation, KvView kv) {
        this.operation = operation;
        this.kv = kv;
    }

    /** Pages of the tokens' own positions. */
    void checkOwn(Batch batch) {
        check(batch, (position, end) -> position, (position, end) -> position);
    }

    /** Pages of every position that a token sees. */
    void checkSeen(Batch batch, AttentionSpec spec) {
        check(batch, (position, end) -> spec.firstVisible(position), spec::lastVisible);
    }

    private void check(Batch batch, IntBinaryOperator first, IntBinaryOperator last) {
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
            checkPosition(sequence, position, end);
            int low = first.applyAsInt(position, end) / pageSize;
            int high = last.applyAsInt(position, end) / pageSize;
            for (int index = low; index <= high; index++) {
                if (index < from || index >= to) {
                    checkPage(sequence, position, index);
                }
            }
            from = low; // the next token's window mostly overlaps this one's
            to = high + 1;
        }
    }

    private void checkPosition(int sequence, int position, int end) {
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

    private void checkPage(int sequence, int position, int index) {
        int page = kv.pageTable().getInt(sequence, index);
        if (page < 0 || page >= kv.pageCount()) {
            throw new IllegalArgumentException(
                    operation + ": sequence " + sequence + ", position " + position + ": entry "
                            + index + " of the page table: expected a page below "
                            + kv.pageCount() + ", found " + page);
        }
    }
}
