package dev.hearth.schedule;

import dev.hearth.state.SequenceState;
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

        /** Greatest number of tokens that a step may compute of this sequence. */
        int chunkLimit();

        /** Whether it can take more now; whoever says no has to {@link Sequence#wake} the loop later. */
        default boolean ready() {
            return true;
        }

        /** It runs from here on; so many of its tokens were computed before. Called once. */
        default void started(int cachedTokens) {}

        /**
         * What was wanted of tokens: rows {@code row} to {@code row + count - 1}, the first of the token at {@code position}.
         * Whoever wants to go on after the last known token appends one.
         */
        void accept(Results results, int row, int count, int position);

        /** Called once, when pages have been given back; {@code failure} only with {@link End#FAILED}. */
        void ended(End end, @Nullable Throwable failure);
    }

    /** Where a sequence reports to. */
    interface Owner {
        /** It is to end before the next step. */
        void cancel(Sequence sequence);

        /** Its listener may be ready now. */
        void wake();
    }

    final TokenList tokens;
    final int maxPositions;
    final Terms terms;
    final Listener listener;
    final Course course;
    private final Owner owner;

    @Nullable
    SequenceState state;

    long arrival;
    int computed;
    int planned; // of the step that is being made
    int reached; // positions computed at any time: results of those before were given
    boolean started;
    boolean answered; // has had a result

    /** One that is submitted at this time of the loop's clock. */
    Sequence(TokenList tokens, int maxPositions, Terms terms, Listener listener, Owner owner, long now) {
        this.tokens = tokens;
        this.maxPositions = maxPositions;
        this.terms = terms;
        this.listener = listener;
        this.owner = owner;
        this.course = new Course(now);
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

    /** Whether it needs no results of its prompt, so that what was computed of others may stand in. */
    boolean sharesPrefix() {
        return listener.wanted(false) == Chunk.Logits.NONE;
    }

    /** When it has to end as things are. */
    long deadline() {
        return answered ? terms.deadlineNanos() : Math.min(terms.firstDeadlineNanos(), terms.deadlineNanos());
    }
}
