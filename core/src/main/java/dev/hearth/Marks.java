package dev.hearth;

import java.util.List;
import java.util.Optional;

/** Looks for marks, such as stop strings, in text that arrives in pieces. */
final class Marks {
    /** A mark and where it begins. */
    record Found(int at, String mark) {}

    private Marks() {}

    /** The mark that begins first; of those that begin together the first of the list. */
    static Optional<Found> first(StringBuilder text, List<String> marks) {
        Optional<Found> first = Optional.empty();
        for (String mark : marks) {
            int at = text.indexOf(mark);
            if (at >= 0 && (first.isEmpty() || at < first.get().at())) {
                first = Optional.of(new Found(at, mark));
            }
        }
        return first;
    }

    /** Length of the longest end of the text that more text could make a mark of. */
    static int openEnd(StringBuilder text, List<String> marks) {
        int longest = 0;
        for (String mark : marks) {
            for (int length = Math.min(mark.length() - 1, text.length()); length > longest; length--) {
                if (mark.startsWith(text.substring(text.length() - length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }
}
