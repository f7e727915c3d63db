package dev.hearth.chat.jinja;

import java.math.BigInteger;
import java.util.Locale;

/** {@code format(value, spec)}: {@code [[fill]align][sign][z][#][0][width][grouping][.precision][type]}, PEP 3101. */
final class FormatSpec {
    private final Budget budget;
    private String fill = " ";
    private char align;
    private char sign = '-';
    private boolean alternate;
    private boolean hasZero;
    private int width;
    private char grouping;
    private int precision = -1;
    private char type;

    private FormatSpec(Budget budget, String spec) {
        this.budget = budget;
        int i = 0;
        int first = spec.isEmpty() ? 0 : Character.charCount(spec.codePointAt(0));
        if (spec.length() > first && isAlign(spec.charAt(first))) {
            fill = spec.substring(0, first);
            align = spec.charAt(first);
            i = first + 1;
        } else if (!spec.isEmpty() && isAlign(spec.charAt(0))) {
            align = spec.charAt(0);
            i = 1;
        }
        if (i < spec.length() && "+- ".indexOf(spec.charAt(i)) >= 0) {
            sign = spec.charAt(i++);
        }
        if (i < spec.length() && spec.charAt(i) == 'z') {
            i++;
        }
        if (i < spec.length() && spec.charAt(i) == '#') {
            alternate = true;
            i++;
        }
        if (i < spec.length() && spec.charAt(i) == '0') {
            hasZero = true;
            i++;
        }
        i = numbers(spec, i);
        if (i < spec.length()) {
            type = spec.charAt(i++);
        }
        if (i < spec.length()) {
            throw new Failure("Invalid format specifier");
        }
    }

    private int numbers(String spec, int from) {
        int i = digitsEnd(spec, from);
        width = number(spec, from, i);
        while (i < spec.length() && (spec.charAt(i) == ',' || spec.charAt(i) == '_')) {
            grouping = spec.charAt(i++);
        }
        if (i < spec.length() && spec.charAt(i) == '.') {
            int end = digitsEnd(spec, i + 1);
            if (end == i + 1) {
                throw new Failure("Format specifier missing precision");
            }
            precision = number(spec, i + 1, end);
            i = end;
        }
        return i;
    }

    private static boolean isAlign(char c) {
        return c == '<' || c == '>' || c == '=' || c == '^';
    }

    private static int digitsEnd(String spec, int from) {
        int i = from;
        while (i < spec.length() && spec.charAt(i) >= '0' && spec.charAt(i) <= '9') {
            i++;
        }
        return i;
    }

    private static int number(String spec, int from, int to) {
        if (to - from > 9) {
            throw new Failure("Too many decimal digits in format string");
        }
        return from == to ? 0 : Integer.parseInt(spec.substring(from, to));
    }

    /** The value under the spec. */
    static Str format(Budget budget, Value value, Str spec) {
        if (spec.isEmpty()) {
            return Repr.str(budget, value);
        }
        return switch (value) {
            case Str s -> new FormatSpec(budget, spec.text()).string(s);
            case Value.Int i -> new FormatSpec(budget, spec.text()).integer(i.value(), "int");
            case Value.Bool b -> new FormatSpec(budget, spec.text()).integer(Ordering.integer(b), "bool");
            case Value.Real r -> new FormatSpec(budget, spec.text()).real(r.value());
            default -> throw new Failure("unsupported format string passed to " + value.typeName() + ".__format__");
        };
    }

    private Failure unknown(String typeName) {
        return new Failure("Unknown format code '" + type + "' for object of type '" + typeName + "'");
    }

    private Str string(Str s) {
        if (type != 0 && type != 's') {
            throw unknown("str");
        }
        if (sign != '-' || alternate || grouping != 0 || align == '=') {
            throw new Failure("this format specifier is not allowed for strings");
        }
        Str clipped = precision < 0 || precision >= s.length() ? s : s.part(0, s.offset(precision));
        if (hasZero && align == 0) {
            fill = "0";
        }
        return padded(Str.EMPTY, clipped, align == 0 ? '<' : align);
    }

    private Str integer(BigInteger value, String typeName) {
        if (type != 0 && "eEfFgG%".indexOf(type) >= 0) {
            return real(Arithmetic.toDouble(new Value.Int(value)));
        }
        if (precision >= 0) {
            throw new Failure("Precision not allowed in integer format specifier");
        }
        BigInteger magnitude = value.abs();
        String prefix = "";
        String digits;
        switch (type) {
            case 0, 'd', 'n' -> digits = Repr.integer(magnitude);
            case 'b' -> {
                digits = magnitude.toString(2);
                prefix = "0b";
            }
            case 'o' -> {
                digits = magnitude.toString(8);
                prefix = "0o";
            }
            case 'x' -> {
                digits = magnitude.toString(16);
                prefix = "0x";
            }
            case 'X' -> {
                digits = magnitude.toString(16).toUpperCase(Locale.ROOT);
                prefix = "0X";
            }
            case 'c' -> {
                return padded(Str.EMPTY, character(value), align == 0 ? '<' : align);
            }
            default -> throw unknown(typeName);
        }
        return number(value.signum() < 0, alternate ? prefix : "", digits, "", type == 0 || type == 'd' ? 3 : 4);
    }

    private static Str character(BigInteger value) {
        if (value.signum() < 0 || value.bitLength() > 21 || !Character.isValidCodePoint(value.intValueExact())) {
            throw new Failure("a character not in range(0x110000)");
        }
        return Str.of(Character.toString(value.intValueExact()));
    }

    private Str real(double value) {
        boolean isNegative = value < 0 || (value == 0 && 1 / value < 0);
        int places = precision < 0 ? 6 : precision;
        String digits = switch (type) {
            case 0 -> plain(Math.abs(value));
            case 'e', 'E', 'f', 'F', 'g', 'G' -> FloatText.format(budget, value, type, places, alternate);
            case 'n' -> FloatText.format(budget, value, 'g', places, alternate);
            case '%' -> FloatText.format(budget, value * 100, 'f', places, alternate) + "%";
            default -> throw unknown("float");
        };
        int whole = 0;
        while (whole < digits.length() && Character.isDigit(digits.charAt(whole))) {
            whole++;
        }
        return number(isNegative, "", digits.substring(0, whole), digits.substring(whole), 3);
    }

    /** No type: as repr, or as g with a digit behind the point. */
    private String plain(double magnitude) {
        if (precision < 0 || Double.isNaN(magnitude) || Double.isInfinite(magnitude)) {
            return Repr.real(magnitude);
        }
        int digits = Math.max(1, precision);
        String text = FloatText.format(budget, magnitude, 'g', digits, alternate);
        boolean isWhole = text.indexOf('.') < 0 && text.indexOf('e') < 0;
        if (!isWhole) {
            return text;
        }
        // a whole number needs room for its zero behind the point
        return text.length() < digits ? text + ".0" : FloatText.format(budget, magnitude, 'e', digits - 1, alternate);
    }

    private Str number(boolean isNegative, String prefix, String digits, String rest, int groupSize) {
        String lead = (isNegative ? "-" : sign == '-' ? "" : String.valueOf(sign)) + prefix;
        char how = align != 0 ? align : hasZero ? '=' : '>';
        if (hasZero && align == 0) {
            fill = "0";
        }
        String whole = digits;
        if (grouping != 0) {
            boolean fills = how == '=' && fill.equals("0");
            int least = fills ? width - lead.length() - rest.length() : 0;
            budget.chars(Math.max(0, least));
            whole = grouped(whole, groupSize, least);
        }
        return padded(Str.of(lead), Str.of(whole + rest), how);
    }

    private String grouped(String digits, int size, int least) {
        var out = new StringBuilder();
        int count = 0;
        for (int i = digits.length() - 1; i >= 0 || out.length() < least; i--) {
            if (count > 0 && count % size == 0) {
                out.append(grouping);
            }
            out.append(i >= 0 ? digits.charAt(i) : '0');
            count++;
        }
        return out.reverse().toString();
    }

    private Str padded(Str lead, Str body, char how) {
        int missing = Math.max(0, width - lead.length() - body.length());
        budget.chars(missing);
        var out = new Text(budget);
        int left = switch (how) {
            case '<', '=' -> 0;
            case '^' -> missing / 2;
            default -> missing;
        };
        String inner = how == '=' ? fill.repeat(missing) : "";
        out.add(fill.repeat(left)).add(lead).add(inner).add(body);
        return out.add(how == '=' ? "" : fill.repeat(missing - left)).toStr();
    }
}
