package dev.hearth.tokenizer;

import java.nio.charset.StandardCharsets;

/**
 * The alphabet in which byte-level vocabularies spell bytes: printable Latin-1 characters stand for themselves, the other 68
 * bytes for U+0100 on, ascending. Radford et al. 2019 (GPT-2), {@code encoder.py}.
 */
final class ByteAlphabet {
    private static final int LIMIT = 256 + 68;
    private static final char[] CHAR_OF_BYTE = new char[256];
    private static final short[] BYTE_OF_CHAR = new short[LIMIT];

    static {
        java.util.Arrays.fill(BYTE_OF_CHAR, (short) -1);
        char next = 256;
        for (int b = 0; b < 256; b++) {
            boolean itself = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xFF && b != 0xAD);
            CHAR_OF_BYTE[b] = itself ? (char) b : next++;
            BYTE_OF_CHAR[CHAR_OF_BYTE[b]] = (short) b;
        }
    }

    private ByteAlphabet() {}

    static char charOf(int unsignedByte) {
        return CHAR_OF_BYTE[unsignedByte];
    }

    /** The bytes that a token spells; its UTF-8 if a character of it is not in the alphabet. */
    static byte[] bytesOf(String token) {
        byte[] bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = token.charAt(i);
            if (c >= LIMIT || BYTE_OF_CHAR[c] < 0) {
                return token.getBytes(StandardCharsets.UTF_8);
            }
            bytes[i] = (byte) BYTE_OF_CHAR[c];
        }
        return bytes;
    }

    /** UTF-8 bytes as characters of the alphabet. */
    static String spell(String text) {
        return spell(text.getBytes(StandardCharsets.UTF_8));
    }

    static String spell(byte[] utf8) {
        char[] chars = new char[utf8.length];
        for (int i = 0; i < chars.length; i++) {
            chars[i] = CHAR_OF_BYTE[utf8[i] & 0xFF];
        }
        return new String(chars);
    }
}
