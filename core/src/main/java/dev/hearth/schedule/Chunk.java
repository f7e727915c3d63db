package dev.hearth.schedule;

import dev.hearth.state.SequenceState;

/**
 * Part of a sequence that one step computes.
 *
 * @param state its pages, enough of them reserved
 * @param tokens ids of the whole sequence so far
 * @param first position of the chunk's first token
 * @param count how many tokens
 * @param logits of which tokens logits are wanted
 */
public record Chunk(SequenceState state, TokenList tokens, int first, int count, Logits logits) {
    /** Which logits a chunk wants. */
    public enum Logits {
        /** None: more of the prompt follows. */
        NONE,
        /** Those of its last token. */
        LAST,
        /** Those of every token. */
        ALL
    }

    /** Position after its last token. */
    int end() {
        return first + count;
    }

    /** Number of logit rows. */
    public int logitCount() {
        return switch (logits) {
            case NONE -> 0;
            case LAST -> 1;
            case ALL -> count;
        };
    }
}
