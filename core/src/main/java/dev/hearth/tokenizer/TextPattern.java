package dev.hearth.tokenizer;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** What {@code Split} and {@code Replace} look for: a string, or a regular expression in Oniguruma's (Ruby's) syntax. */
sealed interface TextPattern permits TextPattern.Literal, TextPattern.Regex, WordSplitter, DigitGroups {
    /** Appends start and end of each match in chars {@code from} to {@code to}, which is all that the pattern sees. */
    void find(char[] text, int from, int to, IntList matches);

    /** A string that isn't empty, matched as it is. */
    record Literal(String value) implements TextPattern {
        @Override
        public void find(char[] text, int from, int to, IntList matches) {
            char first = value.charAt(0);
            for (int i = from; i <= to - value.length(); i++) {
                if (text[i] == first && matchesAt(text, i)) {
                    matches.add(i);
                    matches.add(i + value.length());
                    i += value.length() - 1;
                }
            }
        }

        private boolean matchesAt(char[] text, int at) {
            for (int i = 1; i < value.length(); i++) {
                if (text[at + i] != value.charAt(i)) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * A regular expression. A pattern that backtracks without bound is stopped, with an error.
     *
     * @param source as in the file
     */
    record Regex(String source, Pattern pattern) implements TextPattern {
        static final int FLAGS = Pattern.UNICODE_CHARACTER_CLASS | Pattern.MULTILINE | Pattern.UNIX_LINES;

        /** An expression of our own, in Java's syntax. */
        static Regex asJava(String source) {
            return new Regex(source, Pattern.compile(source, FLAGS));
        }

        @Override
        public void find(char[] text, int from, int to, IntList matches) {
            try {
                Matcher matcher =
                        pattern.matcher(new BoundedText(text, from, to, new BoundedText.Budget(to - from, source)));
                while (matcher.find()) {
                    int start = from + matcher.start();
                    boolean inPair = start > from
                            && start < to
                            && Character.isLowSurrogate(text[start])
                            && Character.isHighSurrogate(text[start - 1]);
                    if (!inPair) { // an empty match between the halves of one character
                        matches.add(start);
                        matches.add(from + matcher.end());
                    }
                }
            } catch (StackOverflowError e) {
                throw BoundedText.tooComplex(source, e);
            }
        }
    }

    /** {@code pattern: {"String": …}} or {@code {"Regex": …}}. */
    static TextPattern read(Fields component) {
        Json json = component
                .get("pattern")
                .orElseThrow(
                        () -> new ModelFormatException(component.at("pattern"), "expected a pattern, found nothing"));
        Fields pattern = Fields.of(component.at("pattern"), json);
        var literal = pattern.string("String");
        if (literal.isPresent()) {
            // Nothing is found between any two characters.
            return literal.get().isEmpty() ? Regex.asJava("") : new Literal(literal.get());
        }
        String source = pattern.string("Regex")
                .orElseThrow(
                        () -> new ModelFormatException(pattern.place(), "expected String or Regex, found neither"));
        return regex(pattern.at("Regex"), source);
    }

    /** @throws ModelFormatException if it is not a regular expression */
    static TextPattern regex(String place, String source) {
        return WordSplitter.forSource(source)
                .<TextPattern>map(s -> s)
                .or(() -> DigitGroups.forSource(source))
                .orElseGet(() -> compile(place, source));
    }

    /** As {@link #regex}, never by hand. */
    static Regex compile(String place, String source) {
        try {
            // In Ruby's syntax ^ and $ hold at every line, and a line ends with \n alone.
            return new Regex(source, Pattern.compile(RubySyntax.toJava(source), Regex.FLAGS));
        } catch (PatternSyntaxException e) {
            throw new ModelFormatException(place, "expected a regular expression: " + e.getDescription(), e);
        } catch (StackOverflowError e) {
            throw new ModelFormatException(place, "expected a regular expression, found one nested too deeply", e);
        }
    }
}
