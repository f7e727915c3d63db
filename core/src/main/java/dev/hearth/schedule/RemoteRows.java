package dev.hearth.schedule;

import dev.hearth.model.Scratch;
import dev.hearth.spi.Device;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Shape;
import dev.hearth.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Rows F32 of a device, of which this process gets what is wanted: whole rows, and numbers here and there in pieces of {@value #PIECE},
 * which one gather collects. What nobody has wanted comes when it is read. Wanting and bringing are for the queue's thread, reading is
 * for any.
 */
/*
 * Rows of logits are long and who draws from them reads little: with the maxima of blocks at hand (LogitRow) some dozens of blocks hold
 * all that can be drawn. So some kilobytes cross the bus for a token, whatever the sampler's settings are, and nothing of the sampler has to
 * run on the device.
 */
final class RemoteRows {
    private static final int PIECE = 128;
    private static final int FEW = 4; // of a row's pieces, one in so many; more come with the whole row

    private final Device device;
    private final Scratch host;
    private final Scratch there;
    private final Tensor rows;
    private final int width;
    private final BitSet wholeRows = new BitSet();
    private final BitSet pieces = new BitSet(); // of all rows laid end to end
    private final BitSet here = new BitSet(); // rows
    private int[] places = {}; // pieces that are here, ascending
    private Tensor found;
    private Tensor copies;

    /** Rows that lie dense, and memory for this step on either side. */
    RemoteRows(Device device, Tensor rows, Scratch host, Scratch there) {
        this.device = device;
        this.host = host;
        this.there = there;
        this.rows = rows;
        this.width = (int) rows.width();
        this.found = host.forStep(DType.F32, 0, PIECE);
        this.copies = host.forStep(DType.F32, 0, width);
    }

    /** These rows are going to be read. */
    void want(int row, int count) {
        wholeRows.set(row, row + count);
    }

    /** Blocks of so many neighbours of a row are going to be read. */
    void want(int row, BitSet blocks, int blockSize) {
        if ((long) blocks.cardinality() * blockSize * FEW > width) {
            want(row, 1);
            return;
        }
        for (int block = blocks.nextSetBit(0); block >= 0; block = blocks.nextSetBit(block + 1)) {
            long first = (long) row * width + (long) block * blockSize;
            long end = Math.min(first + blockSize, (row + 1L) * width);
            pieces.set((int) (first / PIECE), (int) ((end - 1) / PIECE) + 1);
        }
    }

    /** Brings what is wanted. */
    void bring() {
        int whole = (int) (rows.rows() * width / PIECE); // a last part of a piece comes when it is read
        pieces.clear(Math.min(whole, pieces.length()), pieces.length());
        if (!pieces.isEmpty()) {
            places = pieces.stream().toArray();
            found = gathered(whole);
        }
        if (!wholeRows.isEmpty()) {
            copies = host.forStep(DType.F32, rows.rows(), width);
        }
        for (int row = wholeRows.nextSetBit(0); row >= 0; row = wholeRows.nextSetBit(row)) {
            int end = wholeRows.nextClearBit(row);
            device.copy(copies.rows(row, end - row), rows.rows(row, end - row));
            here.set(row, end);
            row = end;
        }
    }

    private Tensor gathered(int whole) {
        Tensor indices = host.forStep(DType.I32, places.length, 1);
        for (int i = 0; i < places.length; i++) {
            indices.setInt(i, 0, places[i]);
        }
        Tensor collected = there.forStep(DType.F32, places.length, PIECE);
        Tensor all = new Tensor(rows.buffer(), rows.offsetBytes(), DType.F32, Shape.of(whole, PIECE), PIECE);
        device.ops().gather(collected, all, indices);
        device.ops().fence().await();
        Tensor here = host.forStep(DType.F32, places.length, PIECE);
        device.copy(here, collected);
        return here;
    }

    /** All rows in memory of this process. */
    Tensor all() {
        want(0, (int) rows.rows());
        bring();
        return copies;
    }

    /** Copies numbers [from, end) of a row to their places in an array. */
    void copy(int row, float[] to, int from, int end) {
        if (here.get(row)) {
            read(copies, row, from, to, from, end - from);
            return;
        }
        for (int at = from; at < end; ) {
            long place = (long) row * width + at;
            int slot = Arrays.binarySearch(places, (int) (place / PIECE));
            int offset = (int) (place % PIECE);
            if (slot < 0) {
                fetch(row, to, at, end);
                return;
            }
            int count = Math.min(PIECE - offset, end - at);
            read(found, slot, offset, to, at, count);
            at += count;
        }
    }

    /** Brings what nobody has wanted. */
    private synchronized void fetch(int row, float[] to, int from, int end) {
        Tensor single = host.forStep(DType.F32, 1, end - from);
        device.copy(single, rows.rows(row, 1).columns(from, end - from));
        read(single, 0, 0, to, from, end - from);
    }

    private static void read(Tensor source, long row, int column, float[] to, int at, int count) {
        MemorySegment.copy(
                source.segment(),
                ValueLayout.JAVA_FLOAT_UNALIGNED,
                row * source.rowBytes() + (long) column * Float.BYTES,
                to,
                at,
                count);
    }
}
