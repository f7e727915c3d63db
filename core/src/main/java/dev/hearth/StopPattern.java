package dev.hearth;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An expression that ends an answer, looked for in text that grows at its end. One thread at a time.
 *
 * <p>A match counts as soon as more text can't undo it, with what it has of the text by then. What begins more than
 * {@link #LONGEST} characters before the end is given up, so that no text is held back longer. Refused are lookahead, which only text
 * to come could decide, and expressions that match an empty text.
 */
final class StopPattern {
    /** Characters that a match may have, give or take a token. */
    static final int LONGEST = 512;

    private static final int MOST_STEPS =
            4_000_000; // characters looked at for one token; LONGEST starts of all text are 131,000

    /** Where a match stands, half-open. */
    record Match(int start, int end) {}

    private final Pattern pattern;
    private int open;

    /** For one text; of an expression that was checked. */
    StopPattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /** @throws IllegalArgumentException if the expression can't be decided as text grows */
    static void check(Pattern pattern) {
        if (looksAhead(pattern.pattern())) {
            throw new IllegalArgumentException("request: stop: expected an expression without lookahead, found "
                    + pattern.pattern() + "; what follows isn't known yet");
        }
        if (pattern.matcher("").lookingAt()) {
            throw new IllegalArgumentException(
                    "request: stop: expected an expression that needs at least one character, found "
                            + pattern.pattern());
        }
    }

    private static boolean looksAhead(String expression) {
        boolean quoted = false;
        for (int i = 0; i < expression.length(); i++) {
            if (expression.startsWith(quoted ? "\\E" : "\\Q", i)) {
                quoted = !quoted;
                i++;
            } else if (!quoted && expression.charAt(i) == '\\') {
                i++;
            } else if (!quoted && (expression.startsWith("(?=", i) || expression.startsWith("(?!", i))) {
                return true;
            }
        }
        return false;
    }

    /** The first match that begins at {@code from} or later and that more text can't undo; sets {@link #open}. */
    @SuppressWarnings("JdkObsolete") // text that grows at its end is what hitEnd and requireEnd are for
    Optional<Match> certain(CharSequence text, int from) {
        Matcher matcher = matcher(text);
        open = text.length();
        for (int start = from; start < text.length(); start++) {
            boolean matches = matcher.region(start, text.length()).lookingAt();
            if (matches && !matcher.requireEnd()) {
                return Optional.of(new Match(start, matcher.end()));
            }
            if (matcher.hitEnd()) {
                open = Math.min(open, start);
            }
        }
        return Optional.empty();
    }

    /** The first match that begins at {@code from} or later, in text that is complete. */
    Optional<Match> any(CharSequence text, int from) {
        Matcher matcher = matcher(text);
        for (int start = from; start < text.length(); start++) {
            if (matcher.region(start, text.length()).lookingAt()) {
                return Optional.of(new Match(start, matcher.end()));
            }
        }
        return Optional.empty();
    }

    /** Where a match may yet begin, after a search for a certain one that found none; the end of the text if nowhere. */
    int open() {
        return open;
    }

    private Matcher matcher(CharSequence text) {
        return pattern.matcher(new Counted(text, pattern))
                .useAnchoringBounds(false)
                .useTransparentBounds(true);
    }

    /** Text that can be looked at so often only: the same bound on every machine, unlike time. */
    private static final class Counted implements CharSequence {
        private final CharSequence text;
        private final Pattern pattern;
        private int steps;

        Counted(CharSequence text, Pattern pattern) {
            this.text = text;
            this.pattern = pattern;
        }

        @Override
        public char charAt(int index) {
            if (++steps > MOST_STEPS) {
                throw new GenerationException("stop: expected " + pattern.pattern() + " to be decided in " + MOST_STEPS
                        + " steps, found more; repetitions inside repetitions take too long");
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
