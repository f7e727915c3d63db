package dev.hearth.state;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** A page's worth of tokens after those of its parent, in the tree of a {@link PrefixCache}. */
final class PrefixNode {
    /** No page: a group that looks back no further has given it up, or a state of fixed size that wasn't kept. */
    static final int NONE = -1;

    final @Nullable PrefixNode parent;
    final String key;
    final Block block;
    final int[] pages; // of each group
    final Map<Block, PrefixNode> children = new HashMap<>();
    int users;
    int pins; // of its state of fixed size
    boolean wanted; // others are likely to go on from here
    boolean kept = true; // false once it is out of the tree
    private @Nullable PrefixDigest digest; // once somebody has asked
    PrefixNode before = this; // in the ring of nodes without users
    PrefixNode after = this;

    PrefixNode(@Nullable PrefixNode parent, String key, Block block, int[] pages) {
        this.parent = parent;
        this.key = key;
        this.block = block;
        this.pages = pages;
    }

    static PrefixNode root(String key) {
        return new PrefixNode(null, key, new Block(new int[0]), new int[0]);
    }

    /** A page's worth of tokens. */
    static final class Block {
        private final int[] tokens;
        private final int hash;

        private Block(int[] tokens) {
            this.tokens = tokens;
            this.hash = Arrays.hashCode(tokens);
        }

        /** The tokens from {@code first} on. */
        static Block of(IntUnaryOperator tokens, int first) {
            int[] block = new int[StateCache.PAGE_SIZE];
            Arrays.setAll(block, i -> tokens.applyAsInt(first + i));
            return new Block(block);
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

    /** Stands for all tokens up to its last. */
    PrefixDigest digest() {
        if (digest == null) {
            Deque<PrefixNode> open = new ArrayDeque<>(); // a long way up: no recursion
            for (PrefixNode node = this; node != null && node.digest == null; node = node.parent) {
                open.push(node);
            }
            for (PrefixNode node : open) {
                node.digest = node.parent == null
                        ? PrefixDigest.of(key)
                        : node.parent.digest().then(i -> node.block.tokens[i], 0);
            }
        }
        return Objects.requireNonNull(digest);
    }

    boolean isRoot() {
        return parent == null;
    }

    /** The node before it; a root has none. */
    PrefixNode above() {
        if (parent == null) {
            throw new IllegalStateException("prefix cache: a root has nothing above it");
        }
        return parent;
    }

    /** Whether it is the first of its sequences. */
    boolean isFirst() {
        return above().isRoot();
    }

    /** Its tokens. */
    List<Integer> tokens() {
        return Arrays.stream(block.tokens).boxed().toList();
    }

    /** Its page in a group. */
    int page(int group) {
        return pages[group];
    }
}
