package dev.hearth.state;

import dev.hearth.spi.Device;
import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.HostBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * The pages of one state group on one device: of each piece of a page those of all pages, then the next piece. A page has as many
 * holders as read it, and is free when the last one lets go. Memory grows as pages are taken, up to a fixed number: in place where
 * the device reserves address space, else by copying. Used by the thread that runs the steps, between steps.
 */
public final class PagePool implements AutoCloseable {
    private static final int FIRST_PAGES = 16;
    private static final long FIRST_BYTES = 4 << 20;

    private final Device device;
    private final long[] pieces; // bytes of each piece of a page
    private final long pageBytes;
    private final int limit;
    private final BitSet taken = new BitSet();
    private int[] holders = {};
    private final Optional<Device.Reservation> space; // for all that could be in use
    private Device.Allocation memory; // the same, or what was allocated instead
    private int capacity; // pages that the memory has places for
    private int expected; // pages that the space was told of
    private int used;

    /** A pool of at most {@code limit} pages that lie in pieces of so many bytes. */
    public PagePool(Device device, int limit, long... pieces) {
        this.device = device;
        this.pieces = pieces;
        this.pageBytes = LongStream.of(pieces).sum();
        this.limit = limit;
        this.space = limit == 0 ? Optional.empty() : device.reserve(limit * pageBytes);
        this.capacity = space.isPresent() ? limit : firstPages();
        this.memory = space.<Device.Allocation>map(s -> s)
                .orElseGet(() -> device.allocate(Math.max(1, capacity * pageBytes)));
    }

    private int firstPages() {
        return Math.min(limit, Math.clamp(FIRST_BYTES / pageBytes, 1, FIRST_PAGES));
    }

    /** Bytes of a page. */
    public long pageBytes() {
        return pageBytes;
    }

    /** The memory of all pages; it may be another buffer once more pages were taken. */
    public Buffer buffer() {
        return memory.buffer();
    }

    /** Pages in use. */
    public int usedCount() {
        return used;
    }

    /** Pages that could be taken now. */
    public int freeCount() {
        return limit - used;
    }

    /** Pages that could be in use. */
    public int limit() {
        return limit;
    }

    /** Takes a free page, for one holder. @throws IllegalStateException if there is none: the caller hasn't looked */
    int take() {
        int page = taken.nextClearBit(0);
        if (page >= limit) {
            throw new IllegalStateException("page pool: all " + limit + " pages are taken");
        }
        if (page >= capacity) {
            grow();
        }
        if (page >= expected) {
            expect();
        }
        if (page >= holders.length) {
            holders = Arrays.copyOf(holders, Math.max(FIRST_PAGES, 2 * page));
        }
        taken.set(page);
        holders[page] = 1;
        used++;
        return page;
    }

    /** Gives a page one more holder. */
    void share(int page) {
        requireTaken(page);
        holders[page]++;
    }

    /** One holder lets go of a page. */
    void release(int page) {
        requireTaken(page);
        if (--holders[page] == 0) {
            taken.clear(page);
            used--;
        }
    }

    private void requireTaken(int page) {
        if (!taken.get(page)) {
            throw new IllegalStateException("page pool: page " + page + " is not taken");
        }
    }

    /** Copies one page over another. */
    void copy(int to, int from) {
        long start = 0;
        for (long piece : pieces) {
            device.copy(memory.buffer(), start + to * piece, memory.buffer(), start + from * piece, piece);
            start += capacity * piece;
        }
    }

    /** Copies a page to memory of the process, its pieces one after the other. */
    void read(int page, HostBuffer to, long offset) {
        long start = 0;
        long at = offset;
        for (long piece : pieces) {
            device.copy(to, at, memory.buffer(), start + page * piece, piece);
            start += capacity * piece;
            at += piece;
        }
    }

    /** Writes a page from memory of the process. */
    void write(int page, HostBuffer from, long offset) {
        long start = 0;
        long at = offset;
        for (long piece : pieces) {
            device.copy(memory.buffer(), start + page * piece, from, at, piece);
            start += capacity * piece;
            at += piece;
        }
    }

    /** Prepares for twice the pages. */
    private void expect() {
        expected = (int) Math.min(limit, Math.max(firstPages(), expected * 2L));
        if (space.isPresent()) {
            long start = 0;
            for (long piece : pieces) {
                space.get().expect(start, expected * piece);
                start += capacity * piece;
            }
        }
    }

    private void grow() {
        int wider = (int) Math.min(limit, capacity * 2L);
        Device.Allocation next = device.allocate(wider * pageBytes);
        long start = 0; // of a piece of all pages, as a part of a page
        for (long piece : pieces) {
            device.copy(next.buffer(), wider * start, memory.buffer(), capacity * start, capacity * piece);
            start += piece;
        }
        memory.close();
        memory = next;
        capacity = wider;
    }

    @Override
    public void close() {
        memory.close();
    }
}
