package dev.hearth.chat.jinja;

import java.util.Arrays;

/**
 * A string with its provenance: which ranges came from the input of a user. Indices that a template sees count code points,
 * as Python's do; offsets in this class count UTF-16 units. Equality is that of the text.
 */
public final class Str implements Value, Comparable<Str> {
    private static final int[] NOWHERE = {};

    /** The empty template text. */
    static final Str EMPTY = new Str("", NOWHERE, false);

    private final String text;
    private final int[] runs; // start, end, start, end…: ascending, disjoint, not touching
    private final boolean markup;
    private int points = -1;

    private Str(String text, int[] runs, boolean markup) {
        this.text = text;
        this.runs = runs;
        this.markup = markup;
    }

    /** Text of the template. */
    static Str of(String text) {
        return text.isEmpty() ? EMPTY : new Str(text, NOWHERE, false);
    }

    /** Text of a user. */
    static Str literal(String text) {
        return text.isEmpty() ? EMPTY : new Str(text, new int[] {0, text.length()}, false);
    }

    /** Text with the given literal ranges, taken over without a copy. */
    static Str of(String text, int[] runs) {
        return text.isEmpty() ? EMPTY : new Str(text, runs, false);
    }

    /** {@code text} as what a transformation made of this string: all literal if any of this is. */
    Str derived(String result) {
        return isLiteral() ? literal(result) : of(result);
    }

    /** The text. */
    public String text() {
        return text;
    }

    /** Start and end of each literal range in turn, in UTF-16 units; not to be written to. */
    public int[] runs() {
        return runs;
    }

    /** Whether any of it came from a user. */
    boolean isLiteral() {
        return runs.length > 0;
    }

    /** Whether markupsafe holds it for safe, so that what is joined to it gets escaped. */
    boolean isMarkup() {
        return markup;
    }

    Str asMarkup() {
        return markup ? this : new Str(text, runs, true);
    }

    Str asPlain() {
        return markup ? new Str(text, runs, false) : this;
    }

    /** The same kind of string as {@code model}: markup stays markup. */
    Str like(Str model) {
        return model.markup ? asMarkup() : asPlain();
    }

    boolean isEmpty() {
        return text.isEmpty();
    }

    /** Code points. */
    int length() {
        if (points < 0) {
            points = text.codePointCount(0, text.length());
        }
        return points;
    }

    /** UTF-16 offset of a code point. */
    int offset(int index) {
        return length() == text.length() ? index : text.offsetByCodePoints(0, index);
    }

    /** Code point index of a UTF-16 offset. */
    int index(int offset) {
        return length() == text.length() ? offset : text.codePointCount(0, offset);
    }

    /** The part between two UTF-16 offsets. */
    Str part(int from, int to) {
        if (from == 0 && to == text.length()) {
            return this;
        }
        if (from >= to) {
            return EMPTY.like(this);
        }
        return new Str(text.substring(from, to), clip(from, to), markup);
    }

    private int[] clip(int from, int to) {
        if (runs.length == 0) {
            return NOWHERE;
        }
        int[] clipped = new int[runs.length];
        int n = 0;
        for (int i = firstRunAfter(from); i < runs.length && runs[i] < to; i += 2) {
            clipped[n++] = Math.max(runs[i], from) - from;
            clipped[n++] = Math.min(runs[i + 1], to) - from;
        }
        return n == 0 ? NOWHERE : Arrays.copyOf(clipped, n);
    }

    /** Index in {@link #runs} of the first range that ends behind an offset; runs.length if none. */
    int firstRunAfter(int offset) {
        int low = 0;
        int high = runs.length / 2;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (runs[2 * middle + 1] <= offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return 2 * low;
    }

    /** Whether the unit at this offset came from a user. */
    boolean literalAt(int offset) {
        int run = firstRunAfter(offset);
        return run < runs.length && runs[run] <= offset;
    }

    @Override
    public String typeName() {
        return markup ? "Markup" : "str";
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Str str && text.equals(str.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** By code point. */
    @Override
    public int compareTo(Str other) {
        int end = Math.min(text.length(), other.text.length());
        for (int i = 0; i < end; i++) {
            char a = text.charAt(i);
            char b = other.text.charAt(i);
            if (a != b) {
                boolean sameKind = Character.isSurrogate(a) == Character.isSurrogate(b);
                return sameKind ? Character.compare(a, b) : Character.isSurrogate(a) ? 1 : -1;
            }
        }
        return Integer.compare(text.length(), other.text.length());
    }

    @Override
    public String toString() {
        return text;
    }
}
