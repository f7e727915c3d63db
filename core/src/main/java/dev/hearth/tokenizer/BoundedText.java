package dev.hearth.tokenizer;

import dev.hearth.format.ModelFormatException;

/**
 * Part of a text, for a regular expression to read: counts what is read, and ends a search which reads each char hundreds of
 * times. {@code java.util.regex} backtracks, and a pattern comes from a file.
 */
final class BoundedText implements CharSequence {
    private static final long READS_PER_CHAR = 300;

    private final char[] text;
    private final int from;
    private final int to;
    private final Budget budget;

    BoundedText(char[] text, int from, int to, Budget budget) {
        this.text = text;
        this.from = from;
        this.to = to;
        this.budget = budget;
    }

    /** What may still be read. */
    static final class Budget {
        private final String source;
        private long left;

        Budget(int length, String source) {
            this.left = READS_PER_CHAR * (length + 1000L);
            this.source = source;
        }

        void spend() {
            if (--left < 0) {
                throw tooComplex(source, null);
            }
        }
    }

    static ModelFormatException tooComplex(String source, @org.jspecify.annotations.Nullable Throwable cause) {
        String problem =
                "expected a pattern that needs time in proportion to the text, found one that backtracks: " + source;
        return cause == null
                ? new ModelFormatException("tokenizer", problem)
                : new ModelFormatException("tokenizer", problem, cause);
    }

    @Override
    public int length() {
        return to - from;
    }

    @Override
    public char charAt(int index) {
        budget.spend();
        return text[from + index];
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return new BoundedText(text, from + start, from + end, budget);
    }

    @Override
    public String toString() {
        return new String(text, from, to - from);
    }
}
