package dev.hearth.tokenizer;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import java.util.Arrays;
import java.util.EnumSet;

/** What becomes of the matches of a pattern that a text is cut by; named as in {@code tokenizer.json}. */
enum SplitBehaviour {
    /** They are dropped. */
    REMOVED("Removed"),
    /** They are pieces. */
    ISOLATED("Isolated"),
    /** They end the piece before them. */
    MERGED_WITH_PREVIOUS("MergedWithPrevious"),
    /** They begin the piece after them. */
    MERGED_WITH_NEXT("MergedWithNext"),
    /** Those that touch are one piece. */
    CONTIGUOUS("Contiguous");

    private final String json;

    SplitBehaviour(String json) {
        this.json = json;
    }

    static SplitBehaviour read(Fields component, SplitBehaviour otherwise) {
        String name = component.string("behavior").orElse(otherwise.json);
        for (SplitBehaviour behaviour : values()) {
            // Files written by hand use the names of the Python interface: merged_with_next.
            if (behaviour.json.equals(name) || behaviour.name().equalsIgnoreCase(name)) {
                return behaviour;
            }
        }
        throw new ModelFormatException(
                component.at("behavior"),
                "expected one of " + Arrays.stream(values()).map(b -> b.json).toList() + ", found " + name);
    }

    /** What a stretch of a text is. */
    enum Stretch {
        /** What the pattern matched. */
        MATCH,
        /** What lies between matches. */
        GAP
    }

    /**
     * Cuts {@code from} to {@code to}.
     *
     * @param matches starts and ends, ascending
     * @param delimiter which of the two the behaviour is about: gaps where the file says {@code invert}
     */
    void cut(IntList matches, Stretch delimiter, int from, int to, Pieces out) {
        switch (this) {
            case ISOLATED -> cut(matches, from, to, EnumSet.allOf(Stretch.class), out);
            case REMOVED ->
                cut(matches, from, to, EnumSet.of(delimiter == Stretch.MATCH ? Stretch.GAP : Stretch.MATCH), out);
            case CONTIGUOUS -> new Cutter(matches, delimiter, from, to).merge(out);
            case MERGED_WITH_PREVIOUS -> new Cutter(matches, delimiter, from, to).mergeWithPrevious(out);
            case MERGED_WITH_NEXT -> new Cutter(matches, delimiter, from, to).mergeWithNext(out);
        }
    }

    private static void cut(IntList matches, int from, int to, EnumSet<Stretch> kept, Pieces out) {
        boolean gaps = kept.contains(Stretch.GAP);
        boolean delimiters = kept.contains(Stretch.MATCH);
        int previous = from;
        for (int i = 0; i < matches.size(); i += 2) {
            if (gaps) {
                out.add(previous, matches.get(i));
            }
            if (delimiters) {
                out.add(matches.get(i), matches.get(i + 1));
            }
            previous = matches.get(i + 1);
        }
        if (gaps) {
            out.add(previous, to);
        }
    }

    /** The stretches of a text, alternately named: starts, ends, and which of them are delimiters. */
    private static final class Cutter {
        private final IntList bounds;
        private final java.util.BitSet delimiters = new java.util.BitSet();

        Cutter(IntList matches, Stretch delimiter, int from, int to) {
            bounds = new IntList(2 * matches.size() + 2);
            int previous = from;
            for (int i = 0; i < matches.size(); i += 2) {
                if (previous != matches.get(i)) {
                    add(previous, matches.get(i), delimiter == Stretch.GAP);
                }
                add(matches.get(i), matches.get(i + 1), delimiter == Stretch.MATCH);
                previous = matches.get(i + 1);
            }
            if (previous != to) {
                add(previous, to, delimiter == Stretch.GAP);
            }
        }

        private void add(int start, int end, boolean isDelimiter) {
            delimiters.set(bounds.size() / 2, isDelimiter);
            bounds.add(start);
            bounds.add(end);
        }

        private int count() {
            return bounds.size() / 2;
        }

        void merge(Pieces out) {
            for (int i = 0; i < count(); ) {
                int next = i + 1;
                while (next < count() && delimiters.get(next) == delimiters.get(i)) {
                    next++;
                }
                out.add(bounds.get(2 * i), bounds.get(2 * next - 1));
                i = next;
            }
        }

        void mergeWithPrevious(Pieces out) {
            for (int i = 0; i < count(); ) {
                int last = i;
                if (!delimiters.get(i) && i + 1 < count() && delimiters.get(i + 1)) {
                    last = i + 1; // a delimiter that follows another stays alone
                }
                out.add(bounds.get(2 * i), bounds.get(2 * last + 1));
                i = last + 1;
            }
        }

        void mergeWithNext(Pieces out) {
            for (int i = 0; i < count(); ) {
                int last = i;
                if (delimiters.get(i) && i + 1 < count() && !delimiters.get(i + 1)) {
                    last = i + 1;
                }
                out.add(bounds.get(2 * i), bounds.get(2 * last + 1));
                i = last + 1;
            }
        }
    }
}
