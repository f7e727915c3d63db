package dev.hearth.adapter;

import dev.hearth.format.ModelFormatException;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** A regular expression out of a file for names of modules; one that backtracks without end is refused. */
final class NamePattern {
    private static final int MOST_CHARS = 2000;
    private static final long MOST_READS = 1_000_000;

    private final String place;
    private final Pattern pattern;

    private NamePattern(String place, Pattern pattern) {
        this.place = place;
        this.pattern = pattern;
    }

    /** A pattern; {@code place} is where it stands. */
    static NamePattern of(String place, String regex) {
        if (regex.length() > MOST_CHARS) {
            throw new ModelFormatException(place, "expected a pattern of at most " + MOST_CHARS + " characters");
        }
        try {
            return new NamePattern(place, Pattern.compile(regex));
        } catch (PatternSyntaxException e) {
            throw new ModelFormatException(place, "expected a regular expression: " + e.getDescription(), e);
        }
    }

    /** Whether it fits the whole name. */
    boolean matches(String name) {
        try {
            return pattern.matcher(new Counted(name, new long[1])).matches();
        } catch (StackOverflowError e) {
            throw new ModelFormatException(
                    place, "expected a pattern that reads a name once, found one that recurses", e);
        }
    }

    /** A name that counts how often it is read. */
    private final class Counted implements CharSequence {
        private final CharSequence name;
        private final long[] reads;

        Counted(CharSequence name, long[] reads) {
            this.name = name;
            this.reads = reads;
        }

        @Override
        public int length() {
            return name.length();
        }

        @Override
        public char charAt(int index) {
            if (++reads[0] > MOST_READS) {
                throw new ModelFormatException(
                        place, "expected a pattern that reads a name once, found one that backtracks");
            }
            return name.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Counted(name.subSequence(start, end), reads);
        }

        @Override
        public String toString() {
            return name.toString();
        }
    }
}
