package dev.hearth.state;

import java.util.Arrays;

/**
 * The pages of one sequence: a list of a group's that grow with it, one slot of a group's whose size is fixed. Its
 * {@link #close()} is the one place that gives all of them back. Used by the thread that runs the steps.
 */
public final class SequenceState implements AutoCloseable {
    private static final int NONE = -1;

    private final StateCache cache;
    private final int promisedPages;
    private final int[][] pages;
    private final int[] firstKept;
    private int count;
    private boolean closed;

    SequenceState(StateCache cache, int promisedPages) {
        this.cache = cache;
        this.promisedPages = promisedPages;
        this.pages = new int[cache.pools().size()][0];
        this.firstKept = new int[pages.length];
        for (int group = 0; group < pages.length; group++) {
            if (!cache.grows(group)) {
                pages[group] = new int[] {cache.pools().get(group).take()};
            }
        }
    }

    /** Takes pages so that positions below {@code positions} can be written. */
    public void reserve(int positions) {
        int needed = StateCache.pages(positions);
        if (needed > promisedPages) {
            throw new IllegalStateException(
                    "sequence: " + needed + " pages needed, " + promisedPages + " were promised");
        }
        for (int group = 0; group < pages.length; group++) {
            if (!cache.grows(group)) {
                continue;
            }
            if (pages[group].length < needed) {
                int grown = Math.min(promisedPages, Math.max(needed, pages[group].length * 2));
                int old = pages[group].length;
                pages[group] = Arrays.copyOf(pages[group], grown);
                Arrays.fill(pages[group], old, grown, NONE);
            }
            for (int i = count; i < needed; i++) {
                pages[group][i] = cache.pools().get(group).take();
            }
        }
        count = Math.max(count, needed);
    }

    /** Frees what no position from {@code position} on can see. */
    public void forgetBefore(int position) {
        for (int group = 0; group < pages.length; group++) {
            if (!cache.grows(group)) {
                continue;
            }
            long firstVisible = (long) position - cache.window(group) + 1;
            while ((firstKept[group] + 1L) * StateCache.PAGE_SIZE <= firstVisible && firstKept[group] < count) {
                cache.pools().get(group).release(pages[group][firstKept[group]]);
                pages[group][firstKept[group]++] = NONE;
            }
        }
    }

    /** Copies everything that {@code other}, of the same cache, holds; for a state that has held nothing yet. */
    void copyOf(SequenceState other) {
        reserve(other.count * StateCache.PAGE_SIZE);
        for (int group = 0; group < pages.length; group++) {
            PagePool pool = cache.pools().get(group);
            int held = cache.grows(group) ? count : 1;
            for (int i = 0; i < held; i++) {
                if (other.pages[group][i] == NONE) {
                    pool.release(pages[group][i]);
                    pages[group][i] = NONE;
                } else {
                    pool.copy(pages[group][i], other.pages[group][i]);
                }
            }
            firstKept[group] = other.firstKept[group];
        }
    }

    /** Number of pages reached in groups that grow, freed ones included. */
    public int pageCount() {
        return count;
    }

    /** A page of a group, or its one slot at index 0; -1 if it was freed. */
    public int page(int group, int index) {
        return pages[group][index];
    }

    /** Gives back every page. Closing twice is harmless. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (int group = 0; group < pages.length; group++) {
            int held = cache.grows(group) ? count : 1;
            for (int i = firstKept[group]; i < held; i++) {
                cache.pools().get(group).release(pages[group][i]);
            }
        }
        cache.promise(-promisedPages, -1);
    }
}
