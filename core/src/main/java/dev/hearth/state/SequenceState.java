package dev.hearth.state;

import java.util.Arrays;

/**
 * The pages of one sequence, a list a state group. Its {@link #close()} is the one place that gives all of them back. Used by the
 * thread that runs the steps.
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
    }

    /** Takes pages so that positions below {@code positions} can be written. */
    public void reserve(int positions) {
        int needed = StateCache.pages(positions);
        if (needed > promisedPages) {
            throw new IllegalStateException(
                    "sequence: " + needed + " pages needed, " + promisedPages + " were promised");
        }
        for (int group = 0; group < pages.length; group++) {
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
            long firstVisible = (long) position - cache.window(group) + 1;
            while ((firstKept[group] + 1L) * StateCache.PAGE_SIZE <= firstVisible && firstKept[group] < count) {
                cache.pools().get(group).release(pages[group][firstKept[group]]);
                pages[group][firstKept[group]++] = NONE;
            }
        }
    }

    /** Number of pages reached, freed ones included. */
    public int pageCount() {
        return count;
    }

    /** A page of a group; -1 if it was freed. */
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
            for (int i = firstKept[group]; i < count; i++) {
                cache.pools().get(group).release(pages[group][i]);
            }
        }
        cache.promise(-promisedPages);
    }
}
