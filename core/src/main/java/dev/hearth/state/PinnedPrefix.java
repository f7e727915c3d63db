package dev.hearth.state;

/** Pages of a prefix that stay whatever happens, until it is closed. Used by the thread that runs the steps. */
public final class PinnedPrefix implements AutoCloseable {
    private final StateCache cache;
    private final PrefixNode last;
    private final int blocks;
    private boolean closed;

    PinnedPrefix(StateCache cache, PrefixNode last, int blocks) {
        this.cache = cache;
        this.last = last;
        this.blocks = blocks;
    }

    /** How many positions it holds. */
    public int positions() {
        return blocks * StateCache.PAGE_SIZE;
    }

    /** Leaves the pages to go when others are short of some. Closing twice is harmless. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            cache.unpin(last, blocks);
        }
    }
}
