package dev.hearth.tokenizer;

/** Character classes as the patterns of tokenizers mean them: Unicode's, on code points. */
final class CharClass {
    static final byte OTHER = 0;
    static final byte LETTER = 1;
    static final byte NUMBER = 2;
    static final byte SPACE = 3;
    /** {@code \r} or {@code \n}. */
    static final byte NEWLINE = 4;

    private static final byte[] BMP = new byte[0x10000];

    static {
        for (int c = 0; c < BMP.length; c++) {
            BMP[c] = classify(c);
        }
    }

    private static final int PUNCTUATION = 1 << Character.CONNECTOR_PUNCTUATION
            | 1 << Character.DASH_PUNCTUATION
            | 1 << Character.START_PUNCTUATION
            | 1 << Character.END_PUNCTUATION
            | 1 << Character.INITIAL_QUOTE_PUNCTUATION
            | 1 << Character.FINAL_QUOTE_PUNCTUATION
            | 1 << Character.OTHER_PUNCTUATION;
    private static final int MARK =
            1 << Character.NON_SPACING_MARK | 1 << Character.COMBINING_SPACING_MARK | 1 << Character.ENCLOSING_MARK;

    private CharClass() {}

    /** One of the constants above. */
    static byte of(int codePoint) {
        return codePoint < 0x10000 ? BMP[codePoint] : classify(codePoint);
    }

    private static byte classify(int c) {
        if (c == '\r' || c == '\n') {
            return NEWLINE;
        }
        if (isSpace(c)) {
            return SPACE;
        }
        return switch (Character.getType(c)) {
            case Character.UPPERCASE_LETTER,
                    Character.LOWERCASE_LETTER,
                    Character.TITLECASE_LETTER,
                    Character.MODIFIER_LETTER,
                    Character.OTHER_LETTER -> LETTER;
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> NUMBER;
            default -> OTHER;
        };
    }

    /** Unicode's White_Space. */
    static boolean isSpace(int c) {
        return (c >= 9 && c <= 13)
                || c == ' '
                || c == 0x85
                || c == 0xA0
                || c == 0x1680
                || (c >= 0x2000 && c <= 0x200A)
                || c == 0x2028
                || c == 0x2029
                || c == 0x202F
                || c == 0x205F
                || c == 0x3000;
    }

    static boolean isNumber(int c) {
        return of(c) == NUMBER;
    }

    /** ASCII's punctuation and symbols, and Unicode's categories P. */
    static boolean isPunctuation(int c) {
        if (c < 128) {
            return c > ' ' && c < 127 && !Character.isLetterOrDigit(c);
        }
        return (PUNCTUATION >> Character.getType(c) & 1) != 0;
    }

    /** Unicode's categories M. */
    static boolean isMark(int c) {
        return (MARK >> Character.getType(c) & 1) != 0;
    }

    /** {@code \w}: Unicode Technical Standard 18, annex C. */
    static boolean isWord(int c) {
        int type = Character.getType(c);
        return Character.isAlphabetic(c)
                || isMark(c)
                || type == Character.DECIMAL_DIGIT_NUMBER
                || type == Character.CONNECTOR_PUNCTUATION
                || c == 0x200C
                || c == 0x200D;
    }
}
