package dev.hearth.state;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
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
    /** No page: a group that looks back no further has given it up. */
    static final int NONE = -1;

    private final List<PagePool> pools;
    private final Map<String, Node> roots = new HashMap<>();
    private final Node unused = Node.root(""); // head of the ring of nodes without users, least recently used first
    private int unusedCount;
    private int nodeCount;
    private long evictions;

    PrefixCache(List<PagePool> pools) {
        this.pools = pools;
    }

    /** A page's worth of tokens. */
    private static final class Block {
        private final int[] tokens;
        private final int hash;

        Block(int[] tokens) {
            this.tokens = tokens;
            this.hash = Arrays.hashCode(tokens);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Block b && hash == b.hash && Arrays.equals(tokens, b.tokens);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    /** A page's worth of tokens after those of its parent. */
    static final class Node {
        private final @Nullable Node parent;
        private final String key;
        private final Block block;
        private final int[] pages; // of each group
        private final Map<Block, Node> children = new HashMap<>();
        private int users;
        private Node before = this;
        private Node after = this;

        private Node(@Nullable Node parent, String key, Block block, int[] pages) {
            this.parent = parent;
            this.key = key;
            this.block = block;
            this.pages = pages;
        }

        private static Node root(String key) {
            return new Node(null, key, new Block(new int[0]), new int[0]);
        }

        /** The node before it; a root has none. */
        Node above() {
            if (parent == null) {
                throw new IllegalStateException("prefix cache: a root has nothing above it");
            }
            return parent;
        }

        /** Whether it is the first of its sequences. */
        boolean isFirst() {
            return above().parent == null;
        }

        /** Whose it is. */
        String key() {
            return key;
        }

        /** Its tokens. */
        List<Integer> tokens() {
            return Arrays.stream(block.tokens).boxed().toList();
        }

        /** Its page in a group; {@link #NONE} in one whose state has a fixed size. */
        int page(int group) {
            return pages[group];
        }
    }

    /** Where sequences of a key begin, used by one more. */
    Node root(String key) {
        Node root = roots.computeIfAbsent(key, Node::root);
        root.users++;
        return root;
    }

    /** The node of the tokens from {@code first} on after a node's, used by one more; null if there is none. */
    @Nullable
    Node next(Node node, IntUnaryOperator tokens, int first) {
        Node next = node.children.get(block(tokens, first));
        if (next != null) {
            use(next);
        }
        return next;
    }

    /**
     * The node of the tokens from {@code first} on after a node's, used by one more: the one that is there, or a new one that holds
     * these pages too.
     */
    Node add(Node node, IntUnaryOperator tokens, int first, int[] pages) {
        Block block = block(tokens, first);
        Node next = node.children.get(block);
        if (next == null) {
            next = new Node(node, node.key, block, pages);
            node.children.put(block, next);
            nodeCount++;
            unusedCount++;
            link(next);
            each(next, PagePool::share);
        }
        use(next);
        return next;
    }

    private static Block block(IntUnaryOperator tokens, int first) {
        int[] block = new int[StateCache.PAGE_SIZE];
        Arrays.setAll(block, i -> tokens.applyAsInt(first + i));
        return new Block(block);
    }

    private void use(Node node) {
        if (node.users++ == 0) {
            unlink(node);
            unusedCount--;
        }
    }

    /** One user lets go of a node, and of all above it. */
    void leave(Node deepest) {
        Node node = deepest;
        for (; node.parent != null; node = node.parent) {
            if (--node.users == 0) {
                link(node);
                unusedCount++;
            }
        }
        node.users--;
        forget(node);
    }

    private void forget(Node root) {
        if (root.users == 0 && root.children.isEmpty()) {
            roots.remove(root.key);
        }
    }

    /** Nodes whose pages could be had back, each a page of every group. */
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

    /** Lets go of the node that was used least recently; false if all are in use. */
    boolean evict() {
        Node node = unused.after;
        if (node == unused) {
            return false;
        }
        drop(node);
        evictions++;
        return true;
    }

    private void drop(Node node) {
        unlink(node);
        unusedCount--;
        nodeCount--;
        each(node, PagePool::release);
        Node parent = node.above();
        parent.children.remove(node.block);
        if (parent.parent == null) {
            forget(parent);
        }
    }

    /** Lets go of what a key has that is not in use; how many nodes that were. */
    int drop(String key) {
        int before = nodeCount;
        for (Node node = unused.after; node != unused; ) {
            Node after = node.after;
            if (node.key.equals(key)) {
                drop(node);
            }
            node = after;
        }
        return before - nodeCount;
    }

    /** Every node, each behind its parent and used by one more. */
    List<Node> useAll() {
        List<Node> all = new ArrayList<>();
        roots.values().forEach(root -> root.children.values().forEach(node -> collect(node, all)));
        all.forEach(this::use);
        return all;
    }

    /** The nodes of a sequence's tokens, as far as they are kept, each behind its parent and used by one more. */
    List<Node> useLine(String key, IntUnaryOperator tokens, int count) {
        List<Node> line = new ArrayList<>();
        Node last = roots.get(key);
        for (int end = StateCache.PAGE_SIZE; last != null && end <= count; end += StateCache.PAGE_SIZE) {
            last = next(last, tokens, end - StateCache.PAGE_SIZE);
            if (last != null) {
                line.add(last);
            }
        }
        return line;
    }

    private static void collect(Node node, List<Node> all) {
        Deque<Node> open = new ArrayDeque<>(List.of(node));
        while (!open.isEmpty()) {
            Node next = open.pop();
            all.add(next);
            next.children.values().forEach(open::push);
        }
    }

    /** One user lets go of nodes, each of which is listed behind its parent. */
    void leaveAll(List<Node> nodes) {
        for (Node node : nodes.reversed()) {
            if (--node.users == 0) {
                link(node);
                unusedCount++;
            }
        }
    }

    private void each(Node node, PageChange change) {
        for (int group = 0; group < pools.size(); group++) {
            if (node.pages[group] != NONE) {
                change.apply(pools.get(group), node.pages[group]);
            }
        }
    }

    /** What happens to a page. */
    private interface PageChange {
        void apply(PagePool pool, int page);
    }

    private void link(Node node) {
        node.before = unused.before;
        node.after = unused;
        unused.before.after = node;
        unused.before = node;
    }

    private static void unlink(Node node) {
        node.before.after = node.after;
        node.after.before = node.before;
        node.before = node;
        node.after = node;
    }
}
