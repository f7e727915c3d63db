package dev.hearth.state;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The pages of one sequence: a list of a group's that grow with it, one slot of a group's whose size is fixed. Pages may be shared
 * with other sequences and with what is kept of former ones; none that is shared is ever written. Its {@link #close()} is the one
 * place that gives all of them back. Used by the thread that runs the steps.
 */
public final class SequenceState implements AutoCloseable {
    private static final int NONE = PrefixNode.NONE;

    private final StateCache cache;
    private final int[][] pages;
    private final int[] firstKept;
    private int count;
    private @Nullable PrefixLine line;
    private boolean closed;

    SequenceState(StateCache cache) {
        this.cache = cache;
        this.pages = new int[cache.pools().size()][0];
        this.firstKept = new int[pages.length];
        for (int group = 0; group < pages.length; group++) {
            if (!cache.grows(group)) {
                pages[group] = new int[] {cache.pools().get(group).take()};
            }
        }
    }

    /**
     * Takes over what was computed of a sequence that begins alike, in whole pages, and from here on leaves its own whole pages, and
     * copies of its state of fixed size, to those that come later. For a state that holds nothing yet.
     *
     * @param walk of the sequence's tokens
     * @param limit most positions to take over
     * @return positions that need not be computed
     */
    public int share(PrefixWalk walk, int limit) {
        if (count > 0 || line != null) {
            throw new IllegalStateException("sequence: expected a state without pages, found " + count);
        }
        if (!cache.keepsPrefixes()) {
            return 0;
        }
        int shared = walk.reach(limit) / StateCache.PAGE_SIZE;
        PrefixNode joint = walk.joint();
        if (joint == null) {
            joint = cache.prefixes().root(walk.key());
        } else {
            cache.prefixes().join(joint);
        }
        line = new PrefixLine(walk, joint, shared, limit);
        makeSpace(shared);
        count = shared;
        PrefixNode node = joint;
        for (int i = shared - 1; i >= 0; i--, node = node.above()) {
            for (int group = 0; group < pages.length; group++) {
                if (cache.grows(group)) {
                    pages[group][i] = node.page(group);
                    cache.pools().get(group).share(node.page(group));
                }
            }
        }
        if (shared > 0) {
            takeState(joint);
        }
        forgetBefore(count * StateCache.PAGE_SIZE);
        return count * StateCache.PAGE_SIZE;
    }

    private void takeState(PrefixNode node) {
        for (int group = 0; group < pages.length; group++) {
            if (!cache.grows(group)) {
                cache.pools().get(group).copy(pages[group][0], node.page(group));
            }
        }
        node.wanted = true;
        cache.snapshots().touch(node);
    }

    /**
     * Where a chunk that begins at {@code from} and could go on to {@code to}, of so many known tokens, has to end for what it computes to be
     * of use to others.
     */
    public int chunkEnd(int from, int to, int known) {
        return line != null && cache.snapshots().areNeeded() ? line.chunkEnd(from, to, known) : to;
    }

    /**
     * Takes pages so that positions below {@code positions} can be written; pages of prefixes that nobody uses make room.
     *
     * @return false if there are not enough, and none is taken
     */
    public boolean reserve(int positions) {
        int needed = StateCache.pages(positions);
        if (needed <= count) {
            return true;
        }
        if (!cache.makeRoom(needed - count)) {
            return false;
        }
        makeSpace(needed);
        for (int group = 0; group < pages.length; group++) {
            if (cache.grows(group)) {
                for (int i = count; i < needed; i++) {
                    pages[group][i] = cache.pools().get(group).take();
                }
            }
        }
        count = needed;
        return true;
    }

    private void makeSpace(int needed) {
        for (int group = 0; group < pages.length; group++) {
            int old = pages[group].length;
            if (cache.grows(group) && old < needed) {
                pages[group] = Arrays.copyOf(pages[group], Math.max(needed, old * 2));
                Arrays.fill(pages[group], old, pages[group].length, NONE);
            }
        }
    }

    /** Notes that all positions below {@code positions} are computed: whole pages can be shared, those out of sight are freed. */
    public void advance(int positions) {
        if (line != null) {
            leaveWholePages(line, positions / StateCache.PAGE_SIZE);
            if (cache.snapshots().areNeeded() && line.blocks > 0 && line.blocks * StateCache.PAGE_SIZE == positions) {
                line.leaveState(cache.snapshots(), (group, pool, slot) -> pool.copy(slot, pages[group][0]));
            }
        }
        forgetBefore(positions);
    }

    private void leaveWholePages(PrefixLine line, int whole) {
        for (; line.blocks < whole; line.blocks++) {
            int[] own = new int[pages.length];
            for (int group = 0; group < pages.length; group++) {
                own[group] = cache.grows(group) ? pages[group][line.blocks] : NONE;
            }
            cache.makeRoomForNode();
            line.last = cache.prefixes().add(line.last, line.tokens, line.blocks * StateCache.PAGE_SIZE, own);
            for (int group = 0; group < pages.length; group++) { // the same bits were there before: one page is enough
                if (cache.grows(group)) {
                    PagePool pool = cache.pools().get(group);
                    pool.share(line.last.page(group));
                    pool.release(own[group]);
                    pages[group][line.blocks] = line.last.page(group);
                }
            }
        }
    }

    /** Frees what no position from {@code position} on can see. */
    private void forgetBefore(int position) {
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

    /**
     * Goes on from where {@code other}, of the same cache, is; for a state that holds nothing yet. Whole pages are shared, the
     * rest is copied; what follows is left to nobody.
     *
     * @param positions what {@code other} has computed
     * @return false if there is no room for the copies
     */
    boolean follow(SequenceState other, int positions) {
        int whole = positions / StateCache.PAGE_SIZE;
        int reached = StateCache.pages(positions);
        if (!cache.makeRoom(reached - whole)) {
            return false;
        }
        makeSpace(reached);
        for (int group = 0; group < pages.length; group++) {
            PagePool pool = cache.pools().get(group);
            if (!cache.grows(group)) {
                pool.copy(pages[group][0], other.pages[group][0]);
                continue;
            }
            firstKept[group] = Math.min(other.firstKept[group], reached);
            for (int i = firstKept[group]; i < whole; i++) {
                pages[group][i] = other.pages[group][i];
                pool.share(pages[group][i]);
            }
            if (reached > whole) {
                pages[group][whole] = pool.take();
                pool.copy(pages[group][whole], other.pages[group][whole]);
            }
        }
        count = reached;
        return true;
    }

    /** Having followed {@code other}, leaves its own whole pages, and copies of its state of fixed size, as that one does. */
    void leaveAs(SequenceState other, IntUnaryOperator tokens) {
        if (other.line != null) {
            line = other.line.fork(tokens);
            cache.prefixes().join(line.last);
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
        if (line != null) {
            cache.prefixes().leave(line.last);
        }
    }
}
