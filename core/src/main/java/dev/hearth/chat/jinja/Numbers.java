package dev.hearth.chat.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Numbers as text: the literals of templates and what {@code int()} and {@code float()} of Python accept. */
final class Numbers {
    private static final int MAX_DIGITS = 4300; // CPython's limit for decimal conversions

    private Numbers() {}

    /** End of the float literal that begins at an offset, the offset itself if none does. */
    static int endOfFloat(String s, int from) {
        int i = digits(s, from, 10);
        int end = from;
        if (i < s.length() && s.charAt(i) == '.') {
            int fraction = digits(s, i + 1, 10);
            if (fraction > i + 1) {
                i = fraction;
                end = i;
            }
        }
        if (i < s.length() && (s.charAt(i) == 'e' || s.charAt(i) == 'E')) {
            int sign = i + 1 < s.length() && (s.charAt(i + 1) == '+' || s.charAt(i + 1) == '-') ? 1 : 0;
            int exponent = digits(s, i + 1 + sign, 10);
            if (exponent > i + 1 + sign) {
                end = exponent;
            }
        }
        return end;
    }

    /** End of the integer literal that begins with the digit at an offset. */
    static int endOfInteger(String s, int from) {
        if (s.charAt(from) != '0') {
            return digits(s, from, 10);
        }
        if (from + 1 < s.length()) {
            int radix = radixOf(s.charAt(from + 1));
            int first = from + 2 < s.length() && s.charAt(from + 2) == '_' ? from + 3 : from + 2;
            int end = radix == 0 ? first : digits(s, first, radix);
            if (radix != 0 && end > first) {
                return end;
            }
        }
        int i = from + 1;
        while (i < s.length() && (s.charAt(i) == '0' || s.startsWith("_0", i))) {
            i += s.charAt(i) == '0' ? 1 : 2;
        }
        return i;
    }

    private static int radixOf(char c) {
        return switch (c) {
            case 'b', 'B' -> 2;
            case 'o', 'O' -> 8;
            case 'x', 'X' -> 16;
            default -> 0;
        };
    }

    /** Behind the digits, single underscores between them, that begin at an offset. */
    private static int digits(String s, int from, int radix) {
        int i = from;
        while (i < s.length()) {
            char c = s.charAt(i);
            boolean joins = c == '_'
                    && i > from
                    && s.charAt(i - 1) != '_'
                    && i + 1 < s.length()
                    && isDigit(s.charAt(i + 1), radix);
            if (!joins && !isDigit(c, radix)) {
                break;
            }
            i++;
        }
        return i;
    }

    private static boolean isDigit(char c, int radix) {
        return c < 128 && Character.digit(c, radix) >= 0;
    }

    /** The value of an integer literal, underscores removed. */
    static BigInteger integer(String literal) {
        BigInteger value = parse(literal, 0);
        if (value == null) {
            throw new Failure("invalid integer literal");
        }
        return value;
    }

    /** {@code int(text, base)}; null if Python raises ValueError. Base 0 reads the prefix. */
    static @Nullable BigInteger parse(String text, int base) {
        String s = strip(text);
        boolean negative = s.startsWith("-");
        String digits = negative || s.startsWith("+") ? s.substring(1) : s;
        int radix = base;
        int prefix = digits.length() > 1 && digits.charAt(0) == '0' ? radixOf(digits.charAt(1)) : 0;
        if (prefix != 0 && (base == 0 || base == prefix)) {
            radix = prefix;
            digits = digits.substring(digits.startsWith("_", 2) ? 3 : 2);
        } else if (base == 0) {
            radix = 10;
            if (digits.startsWith("0") && !digits.chars().allMatch(c -> c == '0' || c == '_')) {
                return null;
            }
        }
        return plainInteger(digits, radix, negative);
    }

    private static @Nullable BigInteger plainInteger(String digits, int radix, boolean negative) {
        boolean decimal = (radix & (radix - 1)) != 0;
        if (digits.isEmpty() || digits.length() > (decimal ? MAX_DIGITS : Budget.MAX_BITS)) {
            return null;
        }
        var ascii = new StringBuilder(digits.length());
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            boolean joins = c == '_' && i > 0 && i + 1 < digits.length() && digits.charAt(i - 1) != '_';
            int value = Character.digit(c, radix);
            if (value < 0 && !joins) {
                return null;
            }
            if (value >= 0) {
                ascii.append(Character.forDigit(value, radix));
            }
        }
        var magnitude = new BigInteger(ascii.toString(), radix);
        return negative ? magnitude.negate() : magnitude;
    }

    /** {@code float(text)}; null if Python raises ValueError. */
    static @Nullable Double parseFloat(String text) {
        String s = strip(text);
        String plain = s.startsWith("-") || s.startsWith("+") ? s.substring(1) : s;
        double sign = s.startsWith("-") ? -1 : 1;
        switch (plain.toLowerCase(java.util.Locale.ROOT)) {
            case "inf", "infinity" -> {
                return sign * Double.POSITIVE_INFINITY;
            }
            case "nan" -> {
                return Double.NaN;
            }
            default -> {}
        }
        int end = endOfNumber(plain);
        return end < 1 || end != plain.length() ? null : sign * Double.parseDouble(plain.replace("_", ""));
    }

    private static int endOfNumber(String s) {
        int whole = digits(s, 0, 10);
        int i = whole;
        if (i < s.length() && s.charAt(i) == '.') {
            int fraction = digits(s, i + 1, 10);
            if (whole == 0 && fraction == i + 1) {
                return -1;
            }
            i = fraction;
        } else if (whole == 0) {
            return -1;
        }
        if (i < s.length() && (s.charAt(i) == 'e' || s.charAt(i) == 'E')) {
            int sign = i + 1 < s.length() && (s.charAt(i + 1) == '+' || s.charAt(i + 1) == '-') ? 1 : 0;
            int exponent = digits(s, i + 1 + sign, 10);
            return exponent > i + 1 + sign ? exponent : -1;
        }
        return i;
    }

    /** The whole part of a finite double. */
    static BigInteger truncated(double value) {
        return new BigDecimal(value).toBigInteger();
    }

    private static String strip(String text) {
        int end = Chars.endOfStripped(text);
        int start = 0;
        while (start < end && Chars.isSpace(text.charAt(start))) {
            start++;
        }
        return text.substring(start, end);
    }
}
