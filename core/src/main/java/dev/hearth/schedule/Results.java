package dev.hearth.schedule;

import dev.hearth.model.Step;
import dev.hearth.sample.LogitRow;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a step gave, until the next one: rows F32 [wanted, vocabulary] of logits, or [wanted, hidden] of states. Where a device has them, those
 * come fastest that were said to be wanted.
 */
public final class Results {
    private final Tensor rows;
    private final Optional<Tensor> maxima; // of logits: F32 [wanted, LogitRow.blocks]
    private final @Nullable RemoteRows remote; // null where the rows can be read as they are

    private Results(Tensor rows, Optional<Tensor> maxima, @Nullable RemoteRows remote) {
        this.rows = rows;
        this.maxima = maxima;
        this.remote = remote;
    }

    /** Of hidden states. */
    static Results hidden(Tensor rows) {
        return new Results(rows, Optional.empty(), null);
    }

    /** Of logits: enqueues the search for their maxima. {@code end} is the step where it ends. */
    static Results logits(Tensor rows, Step end) {
        Tensor maxima = end.scratch().forStep(DType.F32, rows.rows(), LogitRow.blocks(rows.width()));
        end.ops().maxima(maxima, rows, LogitRow.BLOCK);
        return new Results(rows, Optional.of(maxima), null);
    }

    /** The same with maxima that can be read, and rows as they are. */
    Results read(Optional<Tensor> readMaxima) {
        return new Results(rows, readMaxima, null);
    }

    /** The same with maxima that can be read, and rows that have to be brought. */
    Results read(Optional<Tensor> readMaxima, RemoteRows from) {
        return new Results(rows, readMaxima, from);
    }

    /** Where the device has them. */
    Tensor rows() {
        return rows;
    }

    /** All rows in memory of this process; by the queue's thread. */
    public Tensor all() {
        return remote == null ? rows : remote.all();
    }

    Optional<Tensor> maxima() {
        return maxima;
    }

    /** Whether rows have to be brought here. */
    boolean isRemote() {
        return remote != null;
    }

    /** These rows are going to be read. */
    public void want(int row, int count) {
        if (remote != null) {
            remote.want(row, count);
        }
    }

    /** These blocks of a row of logits are going to be read. */
    public void want(int row, BitSet blocks) {
        if (remote != null) {
            remote.want(row, blocks, LogitRow.BLOCK);
        }
    }

    /** Brings what is wanted; by the queue's thread. */
    void bring() {
        if (remote != null) {
            remote.bring();
        }
    }

    /**
     * A row of logits.
     *
     * @throws IllegalStateException if these are hidden states
     */
    public LogitRow logits(int row) {
        Tensor most = maxima.orElseThrow(() -> new IllegalStateException("hidden states were asked for logits"));
        return new LogitRow() {
            @Override
            public int vocabSize() {
                return width();
            }

            @Override
            public void copy(float[] to, int from, int end) {
                Results.this.copy(row, to, from, end);
            }

            @Override
            public void copyMaxima(float[] to) {
                read(most, row, to, 0, (int) most.width());
            }
        };
    }

    /** Numbers in a row. */
    public int width() {
        return (int) rows.width();
    }

    /** Copies a row into {@code to}, [width]. */
    public void copy(int row, float[] to) {
        copy(row, to, 0, width());
    }

    private void copy(int row, float[] to, int from, int end) {
        if (remote == null) {
            read(rows, row, to, from, end);
        } else {
            remote.copy(row, to, from, end);
        }
    }

    private static void read(Tensor source, int row, float[] to, int from, int end) {
        long offset = row * source.rowBytes() + (long) from * Float.BYTES;
        MemorySegment.copy(source.segment(), ValueLayout.JAVA_FLOAT_UNALIGNED, offset, to, from, end - from);
    }
}
