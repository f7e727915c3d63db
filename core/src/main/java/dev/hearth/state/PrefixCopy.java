package dev.hearth.state;

import dev.hearth.tensor.HostBuffer;
import java.util.ArrayList;
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
    private final List<PrefixCache.Node> nodes;
    private final Map<PrefixCache.Node, Integer> places = new HashMap<>();
    private final Map<String, PrefixCache.Node> roots = new HashMap<>(); // in use

    private PrefixCopy(StateCache cache, List<PrefixCache.Node> nodes) {
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

    /**
     * A page's worth of tokens.
     *
     * @param follows the number of the one before it, or {@link #NOTHING}
     * @param key whose it is
     */
    public record Entry(int follows, String key, List<Integer> tokens) {
        /** Copies the list. */
        public Entry {
            tokens = List.copyOf(tokens);
        }
    }

    /** One of them, and its pages of all groups one after the other: {@link StateCache#prefixBytes}. */
    public Entry read(int number, HostBuffer to) {
        PrefixCache.Node node = nodes.get(number);
        long offset = 0;
        for (int group = 0; group < cache.pools().size(); group++) {
            cache.pools().get(group).read(node.page(group), to, offset);
            offset += cache.pools().get(group).pageBytes();
        }
        int follows = node.isFirst() ? NOTHING : places.getOrDefault(node.above(), NOTHING);
        return new Entry(follows, node.key(), node.tokens());
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
        PrefixCache.Node before = entry.follows == NOTHING
                ? roots.computeIfAbsent(entry.key, cache.prefixes()::root)
                : nodes.get(entry.follows);
        int[] pages = new int[cache.pools().size()];
        long offset = 0;
        for (int group = 0; group < pages.length; group++) {
            PagePool pool = cache.pools().get(group);
            pages[group] = pool.take();
            pool.write(pages[group], from, offset);
            offset += pool.pageBytes();
        }
        nodes.add(cache.prefixes().add(before, entry.tokens::get, 0, pages));
        for (int group = 0; group < pages.length; group++) {
            cache.pools().get(group).release(pages[group]);
        }
        return true;
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
