package dev.hearth.tokenizer;

import java.util.Optional;

/**
 * Numbers in groups of three digits from the right, as in 1,234,567: expressions that look ahead from each digit to the end of
 * the number, by hand, in time proportional to the text.
 */
enum DigitGroups implements TextPattern {
    /** Nothing but the places between groups. */
    BOUNDARIES("(?=(\\d{3})+(?!\\d))"),
    /** The groups of a number that ends with a word; others don't match. */
    BEFORE_WORD_BOUNDARY("\\d{1,3}(?=(?:\\d{3})*\\b)"),
    /** The groups of numbers of any kind. */
    RUNS("\\p{N}{1,3}(?=(?:\\p{N}{3})*(?:\\P{N}|$))");

    private final String source;

    DigitGroups(String source) {
        this.source = source;
    }

    /** The expression, as {@code tokenizer.json} spells it. */
    String source() {
        return source;
    }

    static Optional<DigitGroups> forSource(String source) {
        for (DigitGroups groups : values()) {
            if (groups.source.equals(source)) {
                return Optional.of(groups);
            }
        }
        return Optional.empty();
    }

    @Override
    public void find(char[] text, int from, int to, IntList matches) {
        for (int at = from; at < to; ) {
            int count = 0;
            int end = at;
            while (end < to && isDigit(Character.codePointAt(text, end, to))) {
                end += Character.charCount(Character.codePointAt(text, end, to));
                count++;
            }
            if (count == 0) {
                at += Character.charCount(Character.codePointAt(text, at, to));
                continue;
            }
            boolean ends = end == to || !isWord(Character.codePointAt(text, end, to));
            if (this != BEFORE_WORD_BOUNDARY || ends) {
                addGroups(text, at, count, to, matches);
            }
            at = end;
        }
    }

    private boolean isDigit(int c) {
        return this == RUNS ? CharClass.isNumber(c) : Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER;
    }

    /** Oniguruma's {@code \\w}. */
    private static boolean isWord(int c) {
        return Character.isAlphabetic(c)
                || CharClass.isMark(c)
                || (c < 256 && CharClass.isNumber(c)) // ², ½ and so on: of these it thinks otherwise beyond Latin-1
                || Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER
                || Character.getType(c) == Character.CONNECTOR_PUNCTUATION;
    }

    private void addGroups(char[] text, int start, int count, int to, IntList matches) {
        int at = start;
        for (int left = count; left > 0; ) {
            int size = left % 3 == 0 ? 3 : left % 3;
            int end = at;
            for (int i = 0; i < size; i++) {
                end += Character.charCount(Character.codePointAt(text, end, to));
            }
            if (this != BOUNDARIES) {
                matches.add(at);
                matches.add(end);
            } else if (left % 3 == 0) {
                matches.add(at);
                matches.add(at);
            }
            left -= size;
            at = end;
        }
    }
}
