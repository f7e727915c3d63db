package dev.hearth.state;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How far the tokens of one sequence lead into what is kept. It holds nothing, and remembers its way as long as that is kept: asking
 * again costs a page's worth of tokens. Used by the thread that runs the steps.
 */
/*
 * A node goes only after all below it have gone, so as long as the last node of the way is in the tree, the way is.
 */
public final class PrefixWalk {
    private final StateCache cache;
    private final String key;
    private final IntUnaryOperator tokens;
    private final List<PrefixDigest> digests = new ArrayList<>(); // of no page, one, two, as far as somebody has asked
    private @Nullable PrefixNode last;
    private int blocks; // whole pages up to the last node
    private @Nullable PrefixNode joint; // where the sequence can go on from
    private int joined; // whole pages up to there

    PrefixWalk(StateCache cache, String key, IntUnaryOperator tokens) {
        this.cache = cache;
        this.key = key;
        this.tokens = tokens;
    }

    /** How many positions, in whole pages of at most {@code limit}, need not be computed. */
    public int reach(int limit) {
        joint = null;
        joined = 0;
        if (!cache.keepsPrefixes()) {
            return 0;
        }
        if (last == null || !last.kept) {
            last = cache.prefixes().find(key);
            blocks = 0;
        }
        if (last == null) {
            return 0;
        }
        PrefixNode at = last;
        for (; blocks * StateCache.PAGE_SIZE > limit; blocks--) {
            at = at.above();
        }
        while ((blocks + 1) * StateCache.PAGE_SIZE <= limit) {
            PrefixNode next = PrefixCache.next(at, tokens, blocks * StateCache.PAGE_SIZE);
            if (next == null) {
                break;
            }
            at = next;
            blocks++;
        }
        last = at;
        joined = blocks;
        while (!cache.snapshots().at(at)) {
            at = at.above();
            joined--;
        }
        joint = at;
        return joined * StateCache.PAGE_SIZE;
    }

    /** Of the pages that it reached, how many no sequence uses. */
    public int unusedPages() {
        int count = 0;
        if (joint != null) {
            for (PrefixNode node = joint; !node.isRoot() && node.users == 0; node = node.above()) {
                count++;
            }
        }
        return count;
    }

    String key() {
        return key;
    }

    IntUnaryOperator tokens() {
        return tokens;
    }

    /** Where the sequence can go on from, as last found; null if there is no tree of its key. */
    @Nullable
    PrefixNode joint() {
        return joint;
    }

    /** Whole pages that the sequence can go on from. */
    int joinedBlocks() {
        return joined;
    }

    /** The last node of the way, whether it is possible to go on from there or not; null if there is no tree of its key. */
    @Nullable
    PrefixNode last() {
        return last;
    }

    /** Whole pages up to the last node. */
    int sharedBlocks() {
        return blocks;
    }

    /** Stands for the tokens of so many whole pages. */
    PrefixDigest digest(int count) {
        if (digests.isEmpty()) {
            digests.add(PrefixDigest.of(key));
        }
        for (int i = digests.size(); i <= count; i++) {
            digests.add(digests.getLast().then(tokens, (i - 1) * StateCache.PAGE_SIZE));
        }
        return digests.get(count);
    }
}
