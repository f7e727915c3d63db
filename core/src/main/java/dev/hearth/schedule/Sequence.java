package dev.hearth.schedule;

import dev.hearth.state.SequenceState;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What one request still wants from the network. Its listener is called by the loop's thread only; {@link #cancel()} may be called
 * by any.
 */
public final class Sequence {
    /** How a sequence ended. */
    public enum End {
        /** Its listener wanted no more. */
        DONE,
        /** Somebody cancelled it. */
        CANCELLED,
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

        /** Greatest number of tokens that a step may compute of this sequence. */
        int chunkLimit();

        /**
         * Logits of wanted tokens: rows {@code row} to {@code row + count - 1}, the first of the token at {@code position}.
         * Whoever wants to go on after the last known token appends one.
         */
        void accept(Tensor logits, int row, int count, int position);

        /** Called once, when pages have been given back; {@code failure} only with {@link End#FAILED}. */
        void ended(End end, @Nullable Throwable failure);
    }

    final TokenList tokens;
    final int maxPositions;
    final Listener listener;
    final Runnable wake;
    volatile boolean cancelled;

    @Nullable
    SequenceState state;

    int computed;

    Sequence(TokenList tokens, int maxPositions, Listener listener, Runnable wake) {
        this.tokens = tokens;
        this.maxPositions = maxPositions;
        this.listener = listener;
        this.wake = wake;
    }

    /** Ends it before the next step begins. */
    public void cancel() {
        cancelled = true;
        wake.run();
    }

    int pending() {
        return tokens.size() - computed;
    }
}
