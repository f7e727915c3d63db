package dev.hearth.chat.jinja;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Floats in the formats e, f, g and their capitals of C, correctly rounded. */
final class FloatText {
    /** Beyond this many digits a double has only zeros. */
    private static final int EXACT_DIGITS = 1100;

    private FloatText() {}

    /**
     * The digits of a float without its sign.
     *
     * @param type one of {@code eEfFgG}
     * @param alternate keeps the point and, for g, trailing zeros
     */
    static String format(Budget budget, double value, char type, int precision, boolean alternate) {
        budget.chars(precision + 400L);
        double magnitude = Math.abs(value);
        boolean isUpper = Character.isUpperCase(type);
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            String word = Double.isNaN(value) ? "nan" : "inf";
            return isUpper ? word.toUpperCase(java.util.Locale.ROOT) : word;
        }
        String text = switch (Character.toLowerCase(type)) {
            case 'e' -> exponential(magnitude, precision, alternate);
            case 'f' -> fixed(new BigDecimal(magnitude), precision, alternate);
            default -> general(magnitude, Math.max(1, precision), alternate);
        };
        return isUpper ? text.toUpperCase(java.util.Locale.ROOT) : text;
    }

    private static String fixed(BigDecimal value, int precision, boolean alternate) {
        int exact = Math.min(precision, EXACT_DIGITS);
        String text = value.setScale(exact, RoundingMode.HALF_EVEN).toPlainString();
        return text + "0".repeat(precision - exact) + (alternate && precision == 0 ? "." : "");
    }

    private static String exponential(double magnitude, int precision, boolean alternate) {
        if (magnitude == 0) {
            return withPoint("0".repeat(precision + 1), alternate) + "e+00";
        }
        BigDecimal rounded = round(magnitude, precision + 1);
        return withPoint(digits(rounded, precision + 1), alternate) + exponentText(exponent(rounded));
    }

    private static BigDecimal round(double magnitude, int digits) {
        return new BigDecimal(magnitude).round(new MathContext(Math.min(digits, EXACT_DIGITS), RoundingMode.HALF_EVEN));
    }

    private static int exponent(BigDecimal value) {
        return value.precision() - value.scale() - 1;
    }

    private static String digits(BigDecimal value, int count) {
        String digits = value.unscaledValue().toString();
        return digits.length() >= count ? digits.substring(0, count) : digits + "0".repeat(count - digits.length());
    }

    private static String withPoint(String digits, boolean alternate) {
        return digits.length() == 1 ? digits + (alternate ? "." : "") : digits.charAt(0) + "." + digits.substring(1);
    }

    private static String exponentText(int exponent) {
        String text = Integer.toString(Math.abs(exponent));
        return "e" + (exponent < 0 ? "-" : "+") + (text.length() < 2 ? "0" : "") + text;
    }

    private static String general(double magnitude, int precision, boolean alternate) {
        BigDecimal rounded = magnitude == 0 ? BigDecimal.ZERO : round(magnitude, precision);
        int exponent = magnitude == 0 ? 0 : exponent(rounded);
        if (exponent < -4 || exponent >= precision) {
            String text = withPoint(digits(rounded, precision), alternate);
            return (alternate ? text : withoutZeros(text)) + exponentText(exponent);
        }
        String text = fixed(rounded, precision - 1 - exponent, alternate);
        return alternate ? text : withoutZeros(text);
    }

    private static String withoutZeros(String text) {
        if (text.indexOf('.') < 0) {
            return text;
        }
        int end = text.length();
        while (text.charAt(end - 1) == '0') {
            end--;
        }
        return text.substring(0, text.charAt(end - 1) == '.' ? end - 1 : end);
    }
}
