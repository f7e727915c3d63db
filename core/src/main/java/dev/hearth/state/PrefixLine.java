package dev.hearth.state;

import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Where a sequence is in the tree of prefixes, and at the ends of which pages it leaves its state of fixed size there. */
/*
 * Such a state stands for all tokens before it, so it can be taken only when a step ends there. A sequence leaves it at the end of its prompt's last whole page, where
 * the same prompt or a longer one goes on, and where its tokens part from those of others: whoever begins as both did will pass there too (SGLang's hybrid radix cache
 * has the same rule). In between, one copy follows each sequence from page to page, so that the next turn of a conversation and a sequence that gave up its pages find
 * it near its end.
 */
final class PrefixLine {
    final IntUnaryOperator tokens;
    PrefixNode last;
    int blocks; // whole pages up to the last node
    private final int parting; // positions that others have computed too
    private final int lastBound; // the end of the prompt's last whole page
    private @Nullable PrefixNode moving; // has the copy that follows the sequence

    /** From where a walk ended, which the sequence uses already. */
    PrefixLine(PrefixWalk walk, PrefixNode last, int blocks, int limit) {
        this(
                walk.tokens(),
                last,
                blocks,
                walk.sharedBlocks() * StateCache.PAGE_SIZE,
                limit / StateCache.PAGE_SIZE * StateCache.PAGE_SIZE);
    }

    private PrefixLine(IntUnaryOperator tokens, PrefixNode last, int blocks, int parting, int lastBound) {
        this.tokens = tokens;
        this.last = last;
        this.blocks = blocks;
        this.parting = parting;
        this.lastBound = lastBound;
    }

    /** From where this one is, for a sequence with other tokens from there on, which has yet to use the last node. */
    PrefixLine fork(IntUnaryOperator longer) {
        return new PrefixLine(longer, last, blocks, parting, lastBound);
    }

    /** Where a chunk that begins at {@code from} and could go on to {@code to}, of so many known tokens, has to end. */
    int chunkEnd(int from, int to, int known) {
        if (from < parting && parting < to) {
            return parting;
        }
        if (from < lastBound && lastBound < to) {
            return lastBound;
        }
        int bound = to / StateCache.PAGE_SIZE * StateCache.PAGE_SIZE;
        return to < known && bound > from ? bound : to;
    }

    /** The sequence is at the end of the last node's page. */
    void leaveState(Snapshots snapshots, Snapshots.SlotCopy copy) {
        int position = blocks * StateCache.PAGE_SIZE;
        PrefixNode former = moving;
        moving = null;
        if (former != null && !former.wanted) {
            snapshots.drop(former);
        }
        if (position == parting || position == lastBound) {
            last.wanted = true;
        } else if (!snapshots.at(last)) {
            moving = last;
        }
        snapshots.take(last, copy);
    }
}
