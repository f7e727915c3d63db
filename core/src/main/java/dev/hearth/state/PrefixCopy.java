package dev.hearth.state;

import dev.hearth.state.LowerPieces.Kind;
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
        NodeCopy.read(cache, node, Kind.PAGES, to, 0);
        Extent extent = Extent.PAGES;
        if (cache.snapshots().areNeeded() && cache.snapshots().at(node)) {
            NodeCopy.read(cache, node, Kind.STATE, to, cache.prefixBytes());
            extent = Extent.PAGES_AND_STATE;
        }
        int follows = node.isFirst() ? NOTHING : places.getOrDefault(node.above(), NOTHING);
        return new Entry(follows, node.key, node.tokens(), extent);
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
        PrefixNode node = NodeCopy.write(cache, before, entry.tokens::get, 0, from);
        if (entry.extent == Extent.PAGES_AND_STATE && cache.snapshots().hasFreeSlot()) {
            NodeCopy.writeState(cache, node, from, cache.prefixBytes());
        }
        nodes.add(node);
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
