package dev.hearth.state;

import dev.hearth.state.LowerPieces.Kind;
import dev.hearth.state.LowerPieces.Piece;
import dev.hearth.tensor.HostBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pages on their way back into the tree of prefixes, for a sequence that waits for them. What has come stays in use until all have, or
 * until it ends before: then the sequence goes on from where it can. Used by the thread that runs the steps.
 */
public final class Load {
    private final StateCache cache;
    private final LowerTier tier;
    private final PrefixWalk walk;
    private final int joined; // whole pages that the sequence can go on from without it
    private final int goal; // and with it
    private final long bytes;
    private final Deque<Piece> wanted; // not asked for yet
    private final LoadEvent event = new LoadEvent();
    private @Nullable PrefixNode at; // the last node that is there, used from the beginning to the end
    private int blocks; // whole pages up to there
    private int coming;
    private boolean done;

    private Load(StateCache cache, LowerTier tier, PrefixWalk walk, int goal, List<Piece> wanted) {
        this.cache = cache;
        this.tier = tier;
        this.walk = walk;
        this.joined = walk.joinedBlocks();
        this.goal = goal;
        this.bytes = wanted.stream().mapToLong(p -> p.bytes).sum();
        this.wanted = new ArrayDeque<>(wanted);
    }

    /** What would bring a sequence furthest; null if nothing brings it further than it is. */
    static @Nullable Load of(StateCache cache, LowerTier tier, PrefixWalk walk, int limit) {
        boolean states = cache.snapshots().areNeeded();
        List<Piece> chain = new ArrayList<>(); // pages of the blocks after those that are there
        Piece state = null; // at the goal
        int chained = 0; // pieces of the chain up to the goal
        int goal = walk.joinedBlocks();
        for (int block = goal + 1; block * StateCache.PAGE_SIZE <= limit; block++) {
            if (block > walk.sharedBlocks() && cache.prefixBytes() > 0) {
                Piece piece = tier.find(walk.digest(block), Kind.PAGES);
                if (piece == null) {
                    break;
                }
                chain.add(piece);
            }
            Piece found = states ? tier.find(walk.digest(block), Kind.STATE) : null;
            if (!states || found != null) {
                goal = block;
                chained = chain.size();
                state = found;
            }
        }
        if (goal == walk.joinedBlocks()) {
            return null;
        }
        List<Piece> wanted = new ArrayList<>(chain.subList(0, chained));
        if (state != null) {
            wanted.add(state);
        }
        return new Load(cache, tier, walk, goal, wanted);
    }

    /** Bytes to read. */
    long bytes() {
        return bytes;
    }

    /** Tokens that need not be computed for that. */
    int tokens() {
        return (goal - joined) * StateCache.PAGE_SIZE;
    }

    /** Whether it has ended. */
    public boolean isDone() {
        return done;
    }

    /** The sequence wants it no more. */
    public void cancel() {
        end();
    }

    /** Begins where the tree has the sequence's tokens, but not beyond the goal. */
    void begin() {
        event.begin();
        PrefixNode last = walk.last();
        if (last == null) {
            at = cache.prefixes().root(walk.key());
        } else {
            blocks = walk.sharedBlocks();
            for (; blocks > goal; blocks--) {
                last = last.above();
            }
            at = last;
            cache.prefixes().join(last);
        }
        advance();
    }

    /** Asks for as much as there are buffers. */
    void advance() {
        while (!done && !wanted.isEmpty()) {
            if (!tier.holds(wanted.element())) {
                end(); // it was written over meanwhile
            } else if (tier.read(wanted.element(), this)) {
                wanted.remove();
                coming++;
            } else {
                return;
            }
        }
    }

    /** Something has come. */
    void arrived(Kind kind, HostBuffer from) {
        coming--;
        if (done) {
            return;
        }
        if (kind == Kind.STATE) {
            while (blocks < goal) { // a network without pages: the tokens alone
                addNode(from);
            }
            NodeCopy.writeState(cache, node(), from, 0);
        } else if (cache.makeRoom(1)) {
            addNode(from);
        } else {
            end();
        }
        if (!done && wanted.isEmpty() && coming == 0) {
            end();
        }
    }

    private void addNode(HostBuffer from) {
        cache.makeRoomForNode();
        at = NodeCopy.write(cache, node(), walk.tokens(), blocks * StateCache.PAGE_SIZE, from);
        blocks++;
    }

    private PrefixNode node() {
        if (at == null) {
            throw new IllegalStateException("load: nothing comes before it begins");
        }
        return at;
    }

    /** Leaves what has come to the sequence, or to whoever needs its pages before. */
    void end() {
        if (done) {
            return;
        }
        done = true;
        wanted.clear();
        cache.prefixes().leave(node());
        int reached = Math.max(0, blocks - joined) * StateCache.PAGE_SIZE;
        tier.ended(this, reached);
        event.ended(bytes, tokens(), reached);
    }
}
