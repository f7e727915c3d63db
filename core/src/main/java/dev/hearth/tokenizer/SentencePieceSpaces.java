package dev.hearth.tokenizer;

/**
 * What SentencePiece does about spaces, after it has normalised a text.
 *
 * @param dummy where a space is added
 * @param extra what becomes of spaces that nobody needs
 * @param space what a space is spelled as
 */
record SentencePieceSpaces(Dummy dummy, Extra extra, char space) implements Normalizer {
    /** Where a space is added. */
    enum Dummy {
        /** Nowhere. */
        NONE,
        /** In front. */
        PREFIX,
        /** At the end. */
        SUFFIX
    }

    /** What becomes of spaces at both ends, and of all but one between words. */
    enum Extra {
        /** They stay. */
        KEPT,
        /** They go. */
        REMOVED
    }

    @Override
    public NormalizedText apply(NormalizedText in) {
        int start = 0;
        int end = in.text.length();
        if (extra == Extra.REMOVED) {
            while (start < end && in.text.charAt(start) == ' ') {
                start++;
            }
            // Those that the text itself spells too, at this end alone.
            while (end > start && (in.text.charAt(end - 1) == ' ' || in.text.charAt(end - 1) == space)) {
                end--;
            }
        }
        var edits = in.edit();
        if (start == end) {
            return edits.done();
        }
        String spelled = String.valueOf(space);
        if (dummy == Dummy.PREFIX) {
            edits.replace(start, start, spelled);
        }
        int kept = start;
        for (int at = in.text.indexOf(' ', start); at >= 0 && at < end; at = in.text.indexOf(' ', at + 1)) {
            boolean repeated = extra == Extra.REMOVED && in.text.charAt(at - 1) == ' ';
            edits.keep(kept, at);
            edits.replace(at, at + 1, repeated ? "" : spelled);
            kept = at + 1;
        }
        edits.keep(kept, end);
        if (dummy == Dummy.SUFFIX) {
            edits.replace(end, end, spelled);
        }
        return edits.done();
    }
}
