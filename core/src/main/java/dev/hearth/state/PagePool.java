package dev.hearth.state;

import dev.hearth.spi.Device;
import dev.hearth.spi.KvLayout;
import dev.hearth.tensor.Buffer;
import java.util.BitSet;

/**
 * The pages of one state group on one device. Memory grows as pages are taken, up to a fixed number. Used by the thread that
 * runs the steps, between steps.
 */
public final class PagePool implements AutoCloseable {
    private static final int FIRST_PAGES = 16;

    private final Device device;
    private final KvLayout layout;
    private final int limit;
    private final BitSet taken = new BitSet();
    private Device.Allocation memory;
    private int capacity;
    private int used;

    /** A pool of at most {@code limit} pages. */
    public PagePool(Device device, KvLayout layout, int limit) {
        this.device = device;
        this.layout = layout;
        this.limit = limit;
        this.capacity = Math.min(limit, FIRST_PAGES);
        this.memory = device.allocate(Math.max(1, capacity * layout.pageBytes()));
    }

    /** How a page lies in memory. */
    public KvLayout layout() {
        return layout;
    }

    /** The memory of all pages; another buffer once the pool has grown. */
    public Buffer buffer() {
        return memory.buffer();
    }

    /** Pages in use. */
    public int usedCount() {
        return used;
    }

    /** Pages that could be in use. */
    public int limit() {
        return limit;
    }

    /** Takes a free page. @throws IllegalStateException if there is none: whoever admits sequences has miscounted */
    int take() {
        int page = taken.nextClearBit(0);
        if (page >= limit) {
            throw new IllegalStateException("page pool: all " + limit + " pages are taken");
        }
        if (page >= capacity) {
            grow();
        }
        taken.set(page);
        used++;
        return page;
    }

    /** Gives a page back. */
    void release(int page) {
        if (!taken.get(page)) {
            throw new IllegalStateException("page pool: page " + page + " is not taken");
        }
        taken.clear(page);
        used--;
    }

    private void grow() {
        int wider = (int) Math.min(limit, capacity * 2L);
        Device.Allocation next = device.allocate(wider * layout.pageBytes());
        device.copy(next.buffer(), memory.buffer(), capacity * layout.pageBytes());
        memory.close();
        memory = next;
        capacity = wider;
    }

    @Override
    public void close() {
        memory.close();
    }
}
