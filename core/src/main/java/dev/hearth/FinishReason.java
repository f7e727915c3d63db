package dev.hearth;

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
    ENGINE_CLOSED
}
