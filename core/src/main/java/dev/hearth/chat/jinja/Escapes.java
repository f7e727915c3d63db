package dev.hearth.chat.jinja;

/** The escapes of string literals, those of Python's {@code unicode-escape} codec. */
final class Escapes {
    private Escapes() {}

    /** What the text between the quotes denotes. */
    static String decode(String raw, int line) {
        if (raw.indexOf('\\') < 0) {
            return raw;
        }
        var out = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            i = escape(raw, i + 1, out, line);
        }
        return out.toString();
    }

    /** Decodes the escape whose letter stands at {@code i}; gives the offset of its last character. */
    private static int escape(String raw, int i, StringBuilder out, int line) {
        char c = raw.charAt(i);
        switch (c) {
            case '\n' -> {}
            case '\\', '\'', '"' -> out.append(c);
            case 'a' -> out.append('\u0007');
            case 'b' -> out.append('\b');
            case 'f' -> out.append('\f');
            case 'n' -> out.append('\n');
            case 'r' -> out.append('\r');
            case 't' -> out.append('\t');
            case 'v' -> out.append('\u000b');
            case 'x' -> {
                return hex(raw, i, 2, out, line);
            }
            case 'u' -> {
                return hex(raw, i, 4, out, line);
            }
            case 'U' -> {
                return hex(raw, i, 8, out, line);
            }
            case 'N' -> {
                return named(raw, i, out, line);
            }
            default -> {
                return other(raw, i, out);
            }
        }
        return i;
    }

    private static int other(String raw, int i, StringBuilder out) {
        int c = raw.codePointAt(i);
        if (c >= '0' && c <= '7') {
            int value = 0;
            int end = i;
            while (end < raw.length() && end < i + 3 && raw.charAt(end) >= '0' && raw.charAt(end) <= '7') {
                value = value * 8 + raw.charAt(end++) - '0';
            }
            out.append((char) value);
            return end - 1;
        }
        out.append('\\');
        if (c < 128) {
            out.append((char) c);
            return i;
        }
        // jinja2 writes what isn't ASCII as an escape before it decodes, so this backslash ends up escaping that one
        out.append(c < 256 ? "x%02x".formatted(c) : c < 65536 ? "u%04x".formatted(c) : "U%08x".formatted(c));
        return i + Character.charCount(c) - 1;
    }

    private static int hex(String raw, int i, int digits, StringBuilder out, int line) {
        long value = 0;
        for (int k = 1; k <= digits; k++) {
            int digit = i + k < raw.length() ? Character.digit(raw.charAt(i + k), 16) : -1;
            if (digit < 0 || raw.charAt(i + k) > 'f') {
                throw new SyntaxFailure("truncated \\" + raw.charAt(i) + " escape", line);
            }
            value = value * 16 + digit;
        }
        if (value > Character.MAX_CODE_POINT) {
            throw new SyntaxFailure("illegal Unicode character", line);
        }
        out.appendCodePoint((int) value);
        return i + digits;
    }

    private static int named(String raw, int i, StringBuilder out, int line) {
        int close = raw.indexOf('}', i);
        if (close < 0 || i + 1 >= raw.length() || raw.charAt(i + 1) != '{') {
            throw new SyntaxFailure("malformed \\N character escape", line);
        }
        try {
            out.appendCodePoint(Character.codePointOf(raw.substring(i + 2, close)));
        } catch (IllegalArgumentException e) {
            throw new SyntaxFailure("unknown Unicode character name", line);
        }
        return close;
    }
}
