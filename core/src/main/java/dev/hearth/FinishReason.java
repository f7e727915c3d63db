package dev.hearth;

import dev.hearth.schedule.Sequence;

/** Why a generation ended. */
public enum FinishReason {
    /** The model ended its turn, or a stop string or stop token came. */
    STOP,
    /** The request's limit of tokens or the context was reached. */
    LENGTH,
    /** It was cancelled or closed. */
    CANCELLED,
    /** A deadline of the request passed. */
    DEADLINE,
    /** The engine was closed. */
    ENGINE_CLOSED;

    /** Why one ended whose sequence did so, and which ends like this by itself. */
    static FinishReason of(Sequence.End end, FinishReason itself) {
        return switch (end) {
            case DONE -> itself;
            case CANCELLED -> CANCELLED;
            case LATE -> DEADLINE;
            case CLOSED -> ENGINE_CLOSED;
            case FAILED -> throw new IllegalStateException("a failure is no reason to finish");
        };
    }
}
