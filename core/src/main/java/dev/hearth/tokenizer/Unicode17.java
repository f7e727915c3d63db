package dev.hearth.tokenizer;

import java.util.BitSet;
import java.util.Locale;

/** What Unicode 17, by which Rust's own character classes go, has and the JDK does not yet. */
final class Unicode17 {
    private static final BitSet EXTENDING =
            Unicode9.parse("1ACF-1ADD 1AE0-1AEB 10EFA-10EFB 11B60-11B67 1E6E3 1E6E6 1E6EE-1E6EF 1E6F5");

    /** Chars of which two side by side are two grapheme clusters. */
    private static final BitSet ALONE = new BitSet(0x10000);

    static {
        for (int c = 0; c < 0x10000; c++) {
            ALONE.set(c, c < 0x300 ? c != '\r' : isLetterAlone(c));
        }
    }

    private Unicode17() {}

    static boolean hasLowerCase(int c) {
        return Character.toLowerCase(c) != c || c == 'İ' || isLatinCapital(c) || isBeriaErfeCapital(c);
    }

    /** In most cases one character; İ becomes two. */
    static String lowerCase(int c) {
        return isLatinCapital(c)
                ? Character.toString(c + 1)
                : isBeriaErfeCapital(c)
                        ? Character.toString(c + 0x1B)
                        : Character.toString(c).toLowerCase(Locale.ROOT);
    }

    private static boolean isLatinCapital(int c) {
        return c == 0xA7CE || c == 0xA7D2 || c == 0xA7D4;
    }

    private static boolean isBeriaErfeCapital(int c) {
        return c >= 0x16EA0 && c <= 0x16EB8;
    }

    /** Categories N. */
    static boolean isNumber(int c) {
        return CharClass.isNumber(c) || (c >= 0x11DE0 && c <= 0x11DE9) || (c >= 0x16FF4 && c <= 0x16FF6);
    }

    /**
     * A text with the same grapheme clusters as {@code text}, index by index, for the JDK to find them: it takes what it doesn't
     * know for control characters. Unicode Standard Annex 29.
     */
    static String withKnownClusters(String text) {
        char[] known = null;
        for (int at = 0; at < text.length(); ) {
            int c = text.codePointAt(at);
            int like =
                    EXTENDING.get(c) ? (c < 0x10000 ? 0x301 : 0x1D167) : isLone(c) ? (c < 0x10000 ? 'a' : 0x10000) : c;
            if (like != c) {
                known = known == null ? text.toCharArray() : known;
                Character.toChars(like, known, at);
            }
            at += Character.charCount(c);
        }
        return known == null ? text : new String(known);
    }

    /** Letters other than Hangul, which form syllables, and three that join what stands beside them. */
    private static boolean isLetterAlone(int c) {
        boolean hangul = (c >= 0x1100 && c <= 0x11FF) || (c >= 0xA960 && c <= 0xA97F) || (c >= 0xAC00 && c <= 0xD7FF);
        return switch (Character.getType(c)) {
            case Character.UPPERCASE_LETTER, Character.LOWERCASE_LETTER, Character.OTHER_LETTER ->
                !hangul && c != 0xD4E && c != 0xE33 && c != 0xEB3;
            default -> false;
        };
    }

    static boolean isAlone(char c) {
        return ALONE.get(c);
    }

    /** Whether nothing but marks joins the character: unassigned ones, apart from those to be ignored, and two Ahom vowels. */
    private static boolean isLone(int c) {
        boolean ignored = c == 0x2065 || (c >= 0xFFF0 && c <= 0xFFF8) || (c >= 0xE0000 && c <= 0xE0FFF);
        return c == 0x11720 || c == 0x11721 || (!ignored && c > 0x300 && Character.getType(c) == Character.UNASSIGNED);
    }
}
