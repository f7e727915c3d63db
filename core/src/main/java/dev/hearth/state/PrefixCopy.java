package dev.hearth.state;

import dev.hearth.tensor.HostBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/**
 * Prefixes on their way out of a cache, or into one, page by page, so that steps can run in between: each page's worth of tokens behind
 * the one that it follows, counted from 0. What it has passed stays in use until it is closed. Used by the thread that runs the steps.
 */
public final class PrefixCopy implements AutoCloseable {
    /** What the first of a sequence follows. */
    public static final int NOTHING = -1;

    private final StateCache cache;
    private final List<PrefixNode> nodes;
    private final Map<PrefixNode, Integer> places = new HashMap<>();
    private final Map<String, PrefixNode> roots = new HashMap<>(); // in use

    private PrefixCopy(StateCache cache, List<PrefixNode> nodes) {
        this.cache = cache;
        this.nodes = nodes;
        for (int i = 0; i < nodes.size(); i++) {
            places.put(nodes.get(i), i);
        }
    }

    /** All that a cache keeps. */
    public static PrefixCopy of(StateCache cache) {
        return new PrefixCopy(cache, cache.prefixes().useAll());
    }

    /** What a cache keeps of a sequence's tokens, of {@code count}. */
    public static PrefixCopy of(StateCache cache, String key, IntUnaryOperator tokens, int count) {
        return new PrefixCopy(cache, cache.prefixes().useLine(key, tokens, count));
    }

    /** Nothing yet; {@link #write} adds to the cache. */
    public static PrefixCopy into(StateCache cache) {
        return new PrefixCopy(cache, new ArrayList<>());
    }

    /** How many. */
    public int count() {
        return nodes.size();
    }

    /** What there is beside the pages of a page's worth of tokens. */
    public enum Extent {
        /** Nothing. */
        PAGES,
        /** The states of fixed size as they were after it, of all groups one after the other. */
        PAGES_AND_STATE
    }

    /**
     * A page's worth of tokens.
     *
     * @param follows the number of the one before it, or {@link #NOTHING}
     * @param key whose it is
     */
    public record Entry(int follows, String key, List<Integer> tokens, Extent extent) {
        /** Copies the list. */
        public Entry {
            tokens = List.copyOf(tokens);
        }
    }

    /** Bytes of one of this extent. */
    public static long bytes(StateCache cache, Extent extent) {
        return cache.prefixBytes() + (extent == Extent.PAGES ? 0 : cache.stateBytes());
    }

    /** One of them, and its pages of all groups one after the other, then its states: {@link #bytes}. */
    public Entry read(int number, HostBuffer to) {
        PrefixNode node = nodes.get(number);
        Extent extent =
                cache.snapshots().areNeeded() && cache.snapshots().at(node) ? Extent.PAGES_AND_STATE : Extent.PAGES;
        read(cache, node, extent, to);
        int follows = node.isFirst() ? NOTHING : places.getOrDefault(node.above(), NOTHING);
        return new Entry(follows, node.key, node.tokens(), extent);
    }

    static void read(StateCache cache, PrefixNode node, Extent extent, HostBuffer to) {
        each(cache, extent, (group, offset) -> cache.pools().get(group).read(node.page(group), to, offset));
    }

    /** Where a group's page lies among those of a node. */
    private interface Place {
        void at(int group, long offset);
    }

    private static void each(StateCache cache, Extent extent, Place place) {
        long pages = 0;
        long states = cache.prefixBytes();
        for (int group = 0; group < cache.pools().size(); group++) {
            long bytes = cache.pools().get(group).pageBytes();
            if (cache.grows(group)) {
                place.at(group, pages);
                pages += bytes;
            } else if (extent == Extent.PAGES_AND_STATE) {
                place.at(group, states);
                states += bytes;
            }
        }
    }

    /**
     * Adds one with its pages, if they are free; what the cache has already stays.
     *
     * @return false if the cache has no page left, or keeps no prefixes
     */
    public boolean write(Entry entry, HostBuffer from) {
        if (!cache.keepsPrefixes() || !cache.hasFreePage()) {
            return false;
        }
        PrefixNode before = entry.follows == NOTHING
                ? roots.computeIfAbsent(entry.key, cache.prefixes()::root)
                : nodes.get(entry.follows);
        nodes.add(write(cache, before, entry.tokens::get, entry.extent, from));
        return true;
    }

    /** Adds a node, used by one more, for which there is a free page. */
    static PrefixNode write(
            StateCache cache, PrefixNode before, IntUnaryOperator tokens, Extent extent, HostBuffer from) {
        int[] pages = new int[cache.pools().size()];
        Arrays.fill(pages, PrefixNode.NONE);
        each(cache, Extent.PAGES, (group, offset) -> {
            pages[group] = cache.pools().get(group).take();
            cache.pools().get(group).write(pages[group], from, offset);
        });
        PrefixNode node = cache.prefixes().add(before, tokens, 0, pages.clone());
        each(cache, Extent.PAGES, (group, offset) -> cache.pools().get(group).release(pages[group]));
        if (extent == Extent.PAGES_AND_STATE
                && !cache.snapshots().at(node)
                && cache.snapshots().hasFreeSlot()) {
            cache.snapshots()
                    .take(
                            node,
                            (wanted, pool, slot) -> each(cache, extent, (group, offset) -> {
                                if (group == wanted) {
                                    pool.write(slot, from, offset);
                                }
                            }));
        }
        return node;
    }

    /** Leaves them to go when pages run short. */
    @Override
    public void close() {
        cache.prefixes().leaveAll(nodes);
        nodes.clear();
        roots.values().forEach(cache.prefixes()::leave);
        roots.clear();
    }
}
