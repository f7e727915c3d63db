package dev.hearth.schedule;

import dev.hearth.model.Step;
import dev.hearth.sample.LogitRow;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * What a step gave, until the next one.
 *
 * @param rows F32 [wanted, vocabulary] logits, or [wanted, hidden] states
 * @param maxima of logits: F32 [wanted, {@link LogitRow#blocks}]
 */
public record Results(Tensor rows, Optional<Tensor> maxima) {
    /** Of hidden states. */
    static Results hidden(Tensor rows) {
        return new Results(rows, Optional.empty());
    }

    /** Of logits: enqueues the search for their maxima. {@code end} is the step where it ends. */
    static Results logits(Tensor rows, Step end) {
        Tensor maxima = end.scratch().forStep(DType.F32, rows.rows(), LogitRow.blocks(rows.width()));
        end.ops().maxima(maxima, rows, LogitRow.BLOCK);
        return new Results(rows, Optional.of(maxima));
    }

    /**
     * A row of logits.
     *
     * @throws IllegalStateException if these are hidden states
     */
    public LogitRow logits(int row) {
        Tensor most = maxima.orElseThrow(() -> new IllegalStateException("hidden states were asked for logits"));
        return new LogitRow(row(rows, row), row(most, row));
    }

    /** Numbers in a row. */
    public int width() {
        return (int) rows.width();
    }

    /** Copies a row into {@code to}, [width]. */
    public void copy(int row, float[] to) {
        MemorySegment.copy(row(rows, row), ValueLayout.JAVA_FLOAT_UNALIGNED, 0, to, 0, width());
    }

    private static MemorySegment row(Tensor tensor, int row) {
        return tensor.segment().asSlice(row * tensor.rowBytes(), tensor.type().bytes(tensor.width()));
    }
}
