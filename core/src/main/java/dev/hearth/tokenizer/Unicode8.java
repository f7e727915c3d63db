package dev.hearth.tokenizer;

import java.util.BitSet;

/**
 * Character classes of Unicode 8, which Hugging Face's tokenizers use for BERT (by way of the crate unicode_categories), where
 * the JDK has a newer Unicode: code points that got their class in version 9 or by a change, as hexadecimal ranges.
 */
final class Unicode8 {
    private static final BitSet LATER_PUNCTUATION =
            Unicode9.parse("2E43-2E44 1144B-1144F 1145B 1145D 11660-1166C 11C41-11C45 11C70-11C71 1E95E-1E95F");
    private static final BitSet LATER_MARKS =
            Unicode9.parse("8D4-8E1 1885-1886 1DFB A8C5 A9BD 111C9 1123E 11438-1143F 11442-11444 11446 11C30-11C36 "
                    + "11C38-11C3D 11C3F 11C92-11CA7 11CAA-11CB0 11CB2-11CB3 11CB5-11CB6 1E000-1E006 1E008-1E018 "
                    + "1E01B-1E021 1E023-1E024 1E026-1E02A 1E944-1E94A");
    private static final int LATER_FORMAT = 0x8E2;

    private Unicode8() {}

    /** ASCII's punctuation and symbols, and Unicode 8's categories P. */
    static boolean isPunctuation(int c) {
        // These two were punctuation and are symbols or marks now.
        return c == 0x166D
                || c == 0x111C9
                || (CharClass.isPunctuation(c) && !LATER_PUNCTUATION.get(c) && !Unicode9.isLater(c));
    }

    /** Category Mn. */
    static boolean isNonSpacingMark(int c) {
        if (c < 0x300) {
            return false;
        }
        // These two were marks without width and have one now.
        return c == 0x1734
                || c == 0x1171E
                || (Character.getType(c) == Character.NON_SPACING_MARK && !LATER_MARKS.get(c) && !Unicode9.isLater(c));
    }

    /** Categories Cc, Cf, Co and Cs. */
    static boolean isControl(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.PRIVATE_USE, Character.SURROGATE ->
                c != LATER_FORMAT && !Unicode9.isLater(c);
            default -> false;
        };
    }
}
