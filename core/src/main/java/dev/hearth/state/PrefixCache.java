package dev.hearth.state;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Pages of what was computed before, for sequences that begin alike: a tree whose every node is a page's worth of tokens with their
 * pages in each state group, compared token by token. Trees of different keys share nothing. Nodes that no sequence uses go when
 * pages run short, those first that were used least recently, from the leaves on. Used by the thread that runs the steps.
 */
/*
 * After SGLang's radix tree (Zheng and others 2024, arXiv:2312.07104, section 3) with nodes of one page. Whoever uses a node uses those above it, and lets go of
 * the deepest first: so the list of unused nodes, in the order in which they were let go, has every node behind all nodes below it, and its head is a leaf.
 */
final class PrefixCache {
    private final List<PagePool> pools;
    private final Snapshots snapshots;
    private final Map<String, PrefixNode> roots = new HashMap<>();
    private final PrefixNode unused =
            PrefixNode.root(""); // head of the ring of nodes without users, least recently used first
    private int unusedCount;
    private int nodeCount;
    private long evictions;

    PrefixCache(List<PagePool> pools, Snapshots snapshots) {
        this.pools = pools;
        this.snapshots = snapshots;
    }

    /** Where sequences of a key begin, used by one more. */
    PrefixNode root(String key) {
        PrefixNode root = roots.computeIfAbsent(key, PrefixNode::root);
        root.users++;
        return root;
    }

    /** Where sequences of a key begin; null if none is kept. */
    @Nullable
    PrefixNode find(String key) {
        return roots.get(key);
    }

    /** The node of the tokens from {@code first} on after a node's; null if there is none. */
    static @Nullable PrefixNode next(PrefixNode node, IntUnaryOperator tokens, int first) {
        return node.children.get(PrefixNode.Block.of(tokens, first));
    }

    /**
     * The node of the tokens from {@code first} on after a node's, used by one more: the one that is there, or a new one that holds
     * these pages too.
     */
    PrefixNode add(PrefixNode node, IntUnaryOperator tokens, int first, int[] pages) {
        PrefixNode.Block block = PrefixNode.Block.of(tokens, first);
        PrefixNode next = node.children.get(block);
        if (next == null) {
            next = new PrefixNode(node, node.key, block, pages);
            node.children.put(block, next);
            nodeCount++;
            unusedCount++;
            link(next);
            each(next, PagePool::share);
        }
        use(next);
        return next;
    }

    private void use(PrefixNode node) {
        if (node.users++ == 0) {
            unlink(node);
            unusedCount--;
        }
    }

    /** One more uses a node, and all above it. */
    void join(PrefixNode deepest) {
        PrefixNode node = deepest;
        for (; node.parent != null; node = node.parent) {
            use(node);
        }
        node.users++;
    }

    /** One user lets go of a node, and of all above it. */
    void leave(PrefixNode deepest) {
        PrefixNode node = deepest;
        for (; node.parent != null; node = node.parent) {
            leaveOne(node);
        }
        node.users--;
        forget(node);
    }

    private void leaveOne(PrefixNode node) {
        if (--node.users == 0) {
            link(node);
            unusedCount++;
        }
    }

    private void forget(PrefixNode root) {
        if (root.users == 0 && root.children.isEmpty()) {
            roots.remove(root.key);
            root.kept = false;
        }
    }

    /** Nodes whose pages could be had back, each a page of every group that grows. */
    int unusedCount() {
        return unusedCount;
    }

    /** Nodes kept, used or not. */
    int nodeCount() {
        return nodeCount;
    }

    /** Nodes that went so far because pages ran short. */
    long evictions() {
        return evictions;
    }

    /** The node that was used least recently; null if all are in use. */
    @Nullable
    PrefixNode oldest() {
        return unused.after == unused ? null : unused.after;
    }

    /** Lets go of the node that was used least recently; false if all are in use. */
    boolean evict() {
        PrefixNode node = oldest();
        if (node == null) {
            return false;
        }
        drop(node);
        evictions++;
        return true;
    }

    private void drop(PrefixNode node) {
        unlink(node);
        unusedCount--;
        nodeCount--;
        node.kept = false;
        snapshots.drop(node);
        each(node, PagePool::release);
        PrefixNode parent = node.above();
        parent.children.remove(node.block);
        if (parent.isRoot()) {
            forget(parent);
        }
    }

    /** Lets go of what a key has that is not in use; how many nodes that were. */
    int drop(String key) {
        int before = nodeCount;
        for (PrefixNode node = unused.after; node != unused; ) {
            PrefixNode after = node.after;
            if (node.key.equals(key)) {
                drop(node);
            }
            node = after;
        }
        return before - nodeCount;
    }

    /** Every node, each behind its parent and used by one more. */
    List<PrefixNode> useAll() {
        List<PrefixNode> all = new ArrayList<>();
        roots.values().forEach(root -> root.children.values().forEach(node -> collect(node, all)));
        all.forEach(this::use);
        return all;
    }

    /** The nodes of a sequence's tokens, as far as they are kept, each behind its parent and used by one more. */
    List<PrefixNode> useLine(String key, IntUnaryOperator tokens, int count) {
        List<PrefixNode> line = new ArrayList<>();
        PrefixNode last = roots.get(key);
        for (int end = StateCache.PAGE_SIZE; last != null && end <= count; end += StateCache.PAGE_SIZE) {
            last = next(last, tokens, end - StateCache.PAGE_SIZE);
            if (last != null) {
                use(last);
                line.add(last);
            }
        }
        return line;
    }

    private static void collect(PrefixNode node, List<PrefixNode> all) {
        Deque<PrefixNode> open = new ArrayDeque<>(List.of(node));
        while (!open.isEmpty()) {
            PrefixNode next = open.pop();
            all.add(next);
            next.children.values().forEach(open::push);
        }
    }

    /** One user lets go of nodes, each of which is listed behind its parent. */
    void leaveAll(List<PrefixNode> nodes) {
        nodes.reversed().forEach(this::leaveOne);
    }

    private void each(PrefixNode node, PageChange change) {
        for (int group = 0; group < pools.size(); group++) {
            if (node.pages[group] != PrefixNode.NONE) {
                change.apply(pools.get(group), node.pages[group]);
            }
        }
    }

    /** What happens to a page. */
    private interface PageChange {
        void apply(PagePool pool, int page);
    }

    private void link(PrefixNode node) {
        node.before = unused.before;
        node.after = unused;
        unused.before.after = node;
        unused.before = node;
    }

    private static void unlink(PrefixNode node) {
        node.before.after = node.after;
        node.after.before = node.before;
        node.before = node;
        node.after = node;
    }
}
