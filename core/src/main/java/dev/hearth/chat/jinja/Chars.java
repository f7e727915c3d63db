package dev.hearth.chat.jinja;

/** Classes of characters as Python's {@code str} has them. */
final class Chars {
    private Chars() {}

    /** {@code str.isspace}, which is also {@code \s} of {@code re}. */
    static boolean isSpace(int c) {
        if (c < 128) {
            return c == ' ' || (c >= 9 && c <= 13) || (c >= 28 && c <= 31);
        }
        return c == 0x85 || Character.isSpaceChar(c);
    }

    /** Offset behind the last character that isn't a space. */
    static int endOfStripped(String text) {
        int end = text.length();
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    /** Whether {@code str.splitlines} ends a line at it. */
    static boolean isLineBreak(int c) {
        return (c >= 10 && c <= 13) || (c >= 28 && c <= 30) || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    /** {@code str.isprintable} of one code point. */
    static boolean isPrintable(int c) {
        if (c < 127) {
            return c >= 32;
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SPACE_SEPARATOR -> false;
            default -> true;
        };
    }

    /** Whether it has case, so that {@code title} lowers what follows it. */
    static boolean isCased(int c) {
        return Character.isLowerCase(c) || Character.isUpperCase(c) || Character.isTitleCase(c);
    }

    /** {@code str.isdigit} of one code point. */
    static boolean isDigit(int c) {
        return Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER
                || c == 0xb2
                || c == 0xb3
                || c == 0xb9
                || c == 0x2070
                || (c >= 0x2074 && c <= 0x2079)
                || (c >= 0x2080 && c <= 0x2089)
                || (c >= 0x2460 && c <= 0x2468)
                || (c >= 0x2474 && c <= 0x247c)
                || (c >= 0x2488 && c <= 0x2490);
    }

    /** {@code str.isnumeric} of one code point, the ideographs of numbers apart. */
    static boolean isNumeric(int c) {
        return switch (Character.getType(c)) {
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
            default -> "〇一二三四五六七八九十百千万億兆零".indexOf(c) >= 0;
        };
    }

    /** {@code \w} of {@code re}. */
    static boolean isWord(int c) {
        return c == '_' || Character.isLetter(c) || isNumeric(c);
    }
}
