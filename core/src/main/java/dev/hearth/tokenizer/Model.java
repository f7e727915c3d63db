package dev.hearth.tokenizer;

import java.util.BitSet;

/** Turns a piece of text into ids. Immutable, thread-safe. */
sealed interface Model permits Bpe, CheapestCut, LongestMatch, Unigram, WordLevel, WordPiece {
    Vocabulary vocabulary();

    /** A worker for one call, with its own scratch memory. */
    Encoder encoder();

    /** This model, never giving out {@code ids} for a text that spells them. */
    Model withholding(BitSet ids);

    /** Not thread-safe. */
    interface Encoder {
        /** Appends the ids of one piece, which isn't empty. */
        void encode(char[] text, int from, int to, IntList ids);
    }
}
