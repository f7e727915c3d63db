package dev.hearth.tokenizer;

import java.util.Locale;

/** What Unicode 17, by which Rust's own character classes go, has and the JDK does not yet. */
final class Unicode17 {
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
}
