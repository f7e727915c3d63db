package dev.hearth.schedule;

import dev.hearth.state.Load;
import dev.hearth.state.PrefixWalk;
import dev.hearth.state.SequenceState;
import dev.hearth.state.StateCache;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one request still wants from the network. Its listener is called by the loop's thread only; {@link #cancel()} and {@link
 * #wake()} may be called by any.
 */
public final class Sequence {
    /** How a sequence ended. */
    public enum End {
        /** Its listener wanted no more. */
        DONE,
        /** Somebody cancelled it. */
        CANCELLED,
        /** Its deadline passed. */
        LATE,
        /** The loop was closed. */
        CLOSED,
        /** Something was thrown; its listener hears what. */
        FAILED
    }

    /** What a network can give. */
    public enum Output {
        /** Logits over the vocabulary. */
        LOGITS,
        /** Hidden states after the last norm. */
        HIDDEN
    }

    /** What a request does with logits, or with hidden states in their place. An exception thrown here fails its own sequence only. */
    public interface Listener {
        /** What it wants of the network. */
        default Output output() {
            return Output.LOGITS;
        }

        /** Which logits, or hidden states, of a chunk are wanted; {@code last} says whether no known token follows it. */
        Chunk.Logits wanted(boolean last);

        /** Whether it chooses a token from each result. */
        default boolean choosesTokens() {
            return false;
        }

        /** Whether what is computed of it stays for those that begin alike; unless it says otherwise if its last result is all it wants. */
        default boolean leavesPrefix() {
            return wanted(false) == Chunk.Logits.NONE;
        }

        /** Greatest number of tokens that a step may compute of this sequence. */
        int chunkLimit();

        /** Whether it can take more now; whoever says no has to {@link Sequence#wake} the loop later. */
        default boolean ready() {
            return true;
        }

        /** It runs from here on; so many of its tokens were computed before. Called once, not of forks. */
        default void started(Sequence sequence, int cachedTokens) {}

        /** Whether it goes on though none of its tokens is left to compute; until there is one it isn't {@link #ready}. */
        default boolean waits() {
            return false;
        }

        /** Says which of the results it will read, all unless it says otherwise; only where they lie elsewhere. The loop's thread. */
        default void foresee(Results results, int row, int count, int position) {
            results.want(row, count);
        }

        /**
         * Called with what {@link #accept} will get, before anybody's of this step, by any thread and beside those of other sequences: for
         * what is long and touches nothing but this listener's own.
         */
        default void prepare(Results results, int row, int count, int position) {}

        /**
         * What was wanted of tokens: rows {@code row} to {@code row + count - 1}, the first of the token at {@code position}.
         * Whoever wants to go on after the last known token appends one.
         */
        void accept(Results results, int row, int count, int position);

        /** Called once, not of forks, when pages have been given back; {@code failure} only with {@link End#FAILED}. */
        void ended(End end, @Nullable Throwable failure);
    }

    /** Where a sequence reports to. */
    interface Owner {
        /** It is to end before the next step. */
        void cancel(Sequence sequence);

        /** Its listener may be ready now. */
        void wake();

        /** It drops what was computed of it, and goes on from where another is that has all its tokens computed. */
        void follow(Sequence sequence, Sequence other);
    }

    final int maxPositions;
    final Terms terms;
    final Listener listener;
    final Course course;
    final int branch; // 0 of one that was submitted, the next numbers of its forks
    final List<Sequence> forks = new ArrayList<>(); // of one that was submitted; they end with it
    private final Owner owner;
    private final Sequence trunk; // what it is a fork of, or itself
    TokenList tokens;

    @Nullable
    SequenceState state;

    private @Nullable PrefixWalk walk;

    @Nullable
    Load load; // since it waits: pages brought back for it

    long arrival;
    int computed;
    int planned; // of the step that is being made
    int reached; // positions computed at any time: results of those before were given
    boolean started;
    boolean answered; // has had a result

    @Nullable
    Throwable mishap; // of its listener, not yet told

    /** One that is submitted at this time of the loop's clock. */
    Sequence(TokenList tokens, int maxPositions, Terms terms, Listener listener, Owner owner, long now) {
        this.tokens = tokens;
        this.maxPositions = maxPositions;
        this.terms = terms;
        this.listener = listener;
        this.owner = owner;
        this.course = new Course(now);
        this.branch = 0;
        this.trunk = this;
    }

    private Sequence(Sequence trunk, TokenList tokens, Listener listener) {
        this.tokens = tokens;
        this.maxPositions = trunk.maxPositions;
        this.terms = trunk.terms;
        this.listener = listener;
        this.owner = trunk.owner;
        this.course = trunk.course;
        this.branch = trunk.forks.size() + 1;
        this.trunk = trunk;
        this.arrival = trunk.arrival;
        this.started = true;
        this.answered = true;
    }

    /** The one that was submitted. */
    Sequence trunk() {
        return trunk;
    }

    boolean isFork() {
        return branch > 0;
    }

    /**
     * Another sequence of the same request, with tokens that begin with all of this one's; what was computed of those it takes over if
     * there is room. It ends when the one that was submitted does. From a listener.
     */
    public Sequence fork(TokenList longer, Listener reader) {
        Sequence fork = new Sequence(trunk, longer, reader);
        trunk.forks.add(fork);
        owner.follow(fork, this);
        return fork;
    }

    /** Drops its tokens for those of another of the same request and more, as {@link #fork} does. From a listener. */
    public void follow(Sequence other, TokenList longer) {
        tokens = longer;
        owner.follow(this, other);
    }

    /** Ends it before the next step begins. */
    public void cancel() {
        owner.cancel(this);
    }

    /** Has the loop look again whether its listener is ready. */
    public void wake() {
        owner.wake();
    }

    /** Its pages. @throws IllegalStateException if it has none */
    SequenceState heldState() {
        if (state == null) {
            throw new IllegalStateException("a sequence that doesn't run has no pages");
        }
        return state;
    }

    /** How far its tokens lead into what is kept. */
    PrefixWalk walk(StateCache cache) {
        if (walk == null) {
            walk = cache.walk(terms.isolation(), tokens::get);
        }
        return walk;
    }

    /** It has other tokens from here on. */
    void forgetWalk() {
        walk = null;
    }

    /** Whether it can't go on yet whoever has room for it: its reader has fallen behind, or pages are on their way. */
    boolean rests() {
        return !listener.ready() || load != null && !load.isDone();
    }

    int pending() {
        return tokens.size() - computed;
    }

    /** Whether only its last token is left to compute. */
    boolean generates() {
        return reached > 0 && pending() == 1;
    }

    /** Positions that were computed before and have to be once more, without results. */
    int again() {
        return Math.max(0, reached - computed);
    }

    /** Whether it needs results of its last token alone. */
    boolean wantsLastAlone() {
        return listener.wanted(false) == Chunk.Logits.NONE;
    }

    /** Most positions for which what was computed of others, or of it before, may stand in: results of those are not needed. */
    int sharedLimit() {
        int known = tokens.size() - 1;
        return wantsLastAlone() ? known : Math.min(known, reached);
    }

    /** When it has to end as things are. */
    long deadline() {
        return answered ? terms.deadlineNanos() : Math.min(terms.firstDeadlineNanos(), terms.deadlineNanos());
    }
}
