package dev.hearth.tokenizer;

import org.jspecify.annotations.Nullable;

/**
 * A text on its way through normalizers. Where it matters (a control token is to be found in normalised text, and literal
 * spans are given), it also knows which part of the whole text each char came from.
 */
final class NormalizedText {
    final String text;
    private final int @Nullable [] from;
    private final int @Nullable [] to;

    private NormalizedText(String text, int @Nullable [] from, int @Nullable [] to) {
        this.text = text;
        this.from = from;
        this.to = to;
    }

    /** A text whose origin nobody will ask for. */
    static NormalizedText of(String text) {
        return new NormalizedText(text, null, null);
    }

    /** A text which begins at {@code start} of the whole. */
    static NormalizedText tracked(String text, int start) {
        int[] from = new int[text.length()];
        int[] to = new int[text.length()];
        for (int i = 0; i < from.length; i++) {
            from[i] = start + i;
            to[i] = start + i + 1;
        }
        return new NormalizedText(text, from, to);
    }

    /** Whether it knows where it came from. */
    boolean isTracked() {
        return from != null;
    }

    /** Whether chars {@code start} to {@code end} came, in part, from one of {@code spans}; untracked text did not. */
    boolean overlaps(LiteralSpans spans, int start, int end) {
        if (from == null || to == null) {
            return false;
        }
        int first = Integer.MAX_VALUE;
        int last = 0;
        for (int i = start; i < end; i++) {
            first = Math.min(first, from[i]);
            last = Math.max(last, to[i]);
        }
        return spans.overlap(first, last);
    }

    Edits edit() {
        return new Edits();
    }

    /** Builds the next text from parts of this one, in order. */
    final class Edits {
        private final StringBuilder out = new StringBuilder(text.length() + 16);
        private final IntList outFrom = new IntList(from == null ? 0 : text.length() + 16);
        private final IntList outTo = new IntList(from == null ? 0 : text.length() + 16);

        void keep(int start, int end) {
            out.append(text, start, end);
            if (from != null && to != null) {
                for (int i = start; i < end; i++) {
                    outFrom.add(from[i]);
                    outTo.add(to[i]);
                }
            }
        }

        /** Puts {@code with} where chars {@code start} to {@code end} were. An insertion comes from nowhere. */
        void replace(int start, int end, String with) {
            out.append(with);
            if (from != null && to != null) {
                int first = start < from.length ? from[start] : from.length == 0 ? 0 : to[to.length - 1];
                int last = end > start ? to[end - 1] : first;
                for (int i = 0; i < with.length(); i++) {
                    outFrom.add(first);
                    outTo.add(last);
                }
            }
        }

        NormalizedText done() {
            return from == null
                    ? NormalizedText.of(out.toString())
                    : new NormalizedText(out.toString(), outFrom.toArray(), outTo.toArray());
        }
    }
}
