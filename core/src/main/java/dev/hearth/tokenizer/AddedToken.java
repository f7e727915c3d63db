package dev.hearth.tokenizer;

import java.util.Set;

/**
 * A token that is found in a text before the model sees it.
 *
 * @param traits what is unusual about it
 */
record AddedToken(int id, String content, Set<Trait> traits) {
    /** Longer contents are refused: they'd make the search for them slow. */
    static final int MAX_LENGTH = 4096;

    /** Named as in {@code tokenizer.json}. */
    enum Trait {
        /** Left out of decoded text on demand, and never found in literal text. */
        SPECIAL("special"),
        /** Searched in normalised text, itself normalised. */
        NORMALIZED("normalized"),
        /** Found only where neither neighbour is part of a word. */
        SINGLE_WORD("single_word"),
        /** Swallows white space before it. */
        LEFT_STRIP("lstrip"),
        /** Swallows white space after it. */
        RIGHT_STRIP("rstrip");

        final String json;

        Trait(String json) {
            this.json = json;
        }
    }

    boolean is(Trait trait) {
        return traits.contains(trait);
    }
}
