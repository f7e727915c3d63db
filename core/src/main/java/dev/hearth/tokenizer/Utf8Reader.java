package dev.hearth.tokenizer;

/**
 * UTF-8 to text, a byte at a time. Each maximal part of a broken sequence becomes one U+FFFD, as in the WHATWG encoding
 * standard, section 8.1.1, and in Rust's lossy decoding. Not thread-safe.
 */
final class Utf8Reader {
    private int codePoint;
    private int needed;
    private int lower = 0x80;
    private int upper = 0xBF;

    /** Appends the character that {@code b} completes, if it does. */
    void push(byte b, StringBuilder out) {
        int unsigned = b & 0xFF;
        if (needed > 0) {
            if (unsigned >= lower && unsigned <= upper) {
                lower = 0x80;
                upper = 0xBF;
                codePoint = (codePoint << 6) | (unsigned & 0x3F);
                if (--needed == 0) {
                    out.appendCodePoint(codePoint);
                }
                return;
            }
            finish(out);
        }
        if (unsigned < 0x80) {
            out.append((char) unsigned);
        } else {
            lead(unsigned, out);
        }
    }

    private void lead(int unsigned, StringBuilder out) {
        if (unsigned >= 0xC2 && unsigned <= 0xDF) {
            needed = 1;
            codePoint = unsigned & 0x1F;
        } else if (unsigned >= 0xE0 && unsigned <= 0xEF) {
            needed = 2;
            codePoint = unsigned & 0xF;
            lower = unsigned == 0xE0 ? 0xA0 : 0x80; // no overlong forms
            upper = unsigned == 0xED ? 0x9F : 0xBF; // no surrogates
        } else if (unsigned >= 0xF0 && unsigned <= 0xF4) {
            needed = 3;
            codePoint = unsigned & 0x7;
            lower = unsigned == 0xF0 ? 0x90 : 0x80;
            upper = unsigned == 0xF4 ? 0x8F : 0xBF; // nothing above U+10FFFF
        } else {
            out.append('\uFFFD');
        }
    }

    /** Whether a character has begun and not ended. */
    boolean isInside() {
        return needed > 0;
    }

    /** Ends the text: a sequence without its end becomes U+FFFD. */
    void finish(StringBuilder out) {
        if (needed > 0) {
            out.append('\uFFFD');
        }
        needed = 0;
        lower = 0x80;
        upper = 0xBF;
    }
}
