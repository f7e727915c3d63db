package dev.hearth.state;

import dev.hearth.state.LowerPieces.Kind;
import dev.hearth.tensor.HostBuffer;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/** What a node of the tree of prefixes has, out to memory of the process and back: the pages, or states, of all groups one after the other. */
final class NodeCopy {
    private NodeCopy() {}

    /** Copies pages or states out. */
    static void read(StateCache cache, PrefixNode node, Kind kind, HostBuffer to, long offset) {
        each(cache, kind, offset, (group, pool, at) -> pool.read(node.page(group), to, at));
    }

    /**
     * Adds a node, used by one more, after another one: with these pages, or those that are there already.
     *
     * @param first where its tokens begin
     */
    static PrefixNode write(StateCache cache, PrefixNode before, IntUnaryOperator tokens, int first, HostBuffer from) {
        int[] pages = new int[cache.pools().size()];
        Arrays.fill(pages, PrefixNode.NONE);
        each(cache, Kind.PAGES, 0, (group, pool, at) -> {
            pages[group] = pool.take();
            pool.write(pages[group], from, at);
        });
        PrefixNode node = cache.prefixes().add(before, tokens, first, pages.clone());
        each(cache, Kind.PAGES, 0, (group, pool, at) -> pool.release(pages[group]));
        return node;
    }

    /** Gives a node its states, if it has none and there is room. */
    static void writeState(StateCache cache, PrefixNode node, HostBuffer from, long offset) {
        if (!cache.snapshots().at(node)) {
            cache.snapshots()
                    .take(
                            node,
                            (wanted, to, slot) -> each(cache, Kind.STATE, offset, (group, pool, at) -> {
                                if (group == wanted) {
                                    to.write(slot, from, at);
                                }
                            }));
        }
    }

    /** Where a group's page or state lies among those of a node. */
    private interface Place {
        void of(int group, PagePool pool, long at);
    }

    private static void each(StateCache cache, Kind kind, long offset, Place place) {
        long at = offset;
        for (int group = 0; group < cache.pools().size(); group++) {
            if (cache.grows(group) == (kind == Kind.PAGES)) {
                PagePool pool = cache.pools().get(group);
                place.of(group, pool, at);
                at += pool.pageBytes();
            }
        }
    }
}
