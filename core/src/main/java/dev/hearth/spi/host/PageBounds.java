package dev.hearth.spi.host;

import dev.hearth.spi.Batch;
import dev.hearth.spi.KvView;
import dev.hearth.tensor.Tensor;
import java.util.function.IntUnaryOperator;

/** Checks, before kernels read or write them, that every page that a batch needs is in the table and in the pool. */
final class PageBounds {
    private final String operation;
    private final KvView kv;
    private final IntUnaryOperator first;

    /** For an operation on each token's position and those before it from {@code first} of it on. */
    PageBounds(String operation, KvView kv, IntUnaryOperator first) {
        this.operation = operation;
        this.kv = kv;
        this.first = first;
    }

    void check(Batch batch) {
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
            checkPosition(sequence, position);
            int low = first.applyAsInt(position) / pageSize;
            int last = position / pageSize;
            for (int index = low; index <= last; index++) {
                if (index < from || index >= to) {
                    checkPage(sequence, position, index);
                }
            }
            from = low; // the next token's window mostly overlaps this one's
            to = last + 1;
        }
    }

    private void checkPosition(int sequence, int position) {
        Tensor table = kv.pageTable();
        if (sequence < 0
                || sequence >= table.rows()
                || position < 0
                || position / kv.layout().pageSize() >= table.width()) {
            throw new IllegalArgumentException(operation + ": sequence " + sequence + ", position " + position
                    + " is outside the page table " + table.shape() + " of "
                    + kv.layout().pageSize() + " positions a page");
        }
    }

    private void checkPage(int sequence, int position, int index) {
        int page = kv.pageTable().getInt(sequence, index);
        long bytes = kv.layout().pageBytes();
        if (page < 0 || page >= kv.pool().byteSize() / bytes) {
            throw new IllegalArgumentException(
                    operation + ": sequence " + sequence + ", position " + position + ": entry "
                            + index + " of the page table: expected a page below "
                            + kv.pool().byteSize() / bytes + ", found " + page);
        }
    }
}
