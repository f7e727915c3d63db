package dev.hearth.chat.jinja;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code format % values}, printf as {@code str} of Python has it. */
final class PercentFormat {
    private final Interpreter in;
    private final Str format;
    private final String text;
    private final Value values;
    private final List<Value> positional;
    private final Text out;
    private int at;
    private int taken;

    private PercentFormat(Interpreter in, Str format, Value values) {
        this.in = in;
        this.format = format;
        this.text = format.text();
        this.values = values;
        this.positional = values instanceof Seq tuple && !tuple.isList() ? tuple.items() : List.of(values);
        this.out = new Text(in.budget());
    }

    static Str format(Interpreter in, Str format, Value values) {
        return new PercentFormat(in, format, values).run();
    }

    private boolean isMapping() {
        return values instanceof Dict || (values instanceof Seq s && s.isList()) || values instanceof Undefined;
    }

    private Str run() {
        boolean usedNames = false;
        int plain = 0;
        for (at = 0; at < text.length(); at++) {
            if (text.charAt(at) != '%') {
                continue;
            }
            out.add(format, plain, at++);
            usedNames |= at < text.length() && text.charAt(at) == '(';
            conversion();
            plain = at + 1;
        }
        out.add(format, Math.min(plain, text.length()), text.length());
        if (taken < positional.size() && !usedNames && !isMapping()) {
            throw new Failure("not all arguments converted during string formatting");
        }
        return out.toStr().like(format);
    }

    private char peek() {
        if (at >= text.length()) {
            throw new Failure("incomplete format");
        }
        return text.charAt(at);
    }

    private void conversion() {
        Value named = peek() == '(' ? named() : null;
        int flagsFrom = at;
        while ("-+ #0".indexOf(peek()) >= 0) {
            at++;
        }
        String flags = text.substring(flagsFrom, at);
        int width = number();
        int precision = -1;
        if (peek() == '.') {
            at++;
            precision = Math.max(0, number());
        }
        while ("hlL".indexOf(peek()) >= 0) {
            at++;
        }
        char type = peek();
        if (type == '%') {
            out.add('%');
            return;
        }
        if ("diuoxXeEfFgGcrsa".indexOf(type) < 0) {
            throw new Failure("unsupported format character " + Repr.quote(String.valueOf(type)) + " (0x"
                    + Integer.toHexString(type) + ") at index " + format.index(at));
        }
        convert(type, flags, width, precision, named == null ? next() : named);
    }

    private Value named() {
        int from = at + 1;
        int depth = 1;
        for (at++; depth > 0; at++) {
            depth += peek() == '(' ? 1 : peek() == ')' ? -1 : 0;
        }
        if (!(values instanceof Dict dict)) {
            throw new Failure("format requires a mapping");
        }
        Value value = dict.get(text.substring(from, at - 1));
        if (value == null) {
            throw new Failure("no value for the key " + Repr.quote(text.substring(from, at - 1)));
        }
        return value;
    }

    private Value next() {
        if (taken >= positional.size()) {
            throw new Failure("not enough arguments for format string");
        }
        return positional.get(taken++);
    }

    private int number() {
        if (peek() == '*') {
            at++;
            return Params.integer(next(), 0);
        }
        long number = 0;
        while (peek() >= '0' && peek() <= '9') {
            number = Math.min(Integer.MAX_VALUE, number * 10 + peek() - '0');
            at++;
        }
        return (int) number;
    }

    private void convert(char type, String flags, int width, int precision, Value value) {
        boolean isLeft = flags.indexOf('-') >= 0 || width < 0;
        int field = Math.abs(width);
        String sign = flags.indexOf('+') >= 0 ? "+" : flags.indexOf(' ') >= 0 ? " " : "";
        boolean alternate = flags.indexOf('#') >= 0;
        boolean zeros = flags.indexOf('0') >= 0 && !isLeft;
        switch (type) {
            case 's' -> padded(clip(shown(value), precision), field, isLeft);
            case 'r' -> padded(clip(safe(Repr.repr(in.budget(), value)), precision), field, isLeft);
            case 'a' -> padded(clip(ascii(Repr.repr(in.budget(), value)), precision), field, isLeft);
            case 'c' -> padded(character(value), field, isLeft);
            case 'd', 'i', 'u', 'o', 'x', 'X' -> {
                BigInteger number = whole(value, type);
                String digits = digits(number, type, precision);
                number(number.signum() < 0 ? "-" : sign, digits, field, isLeft, zeros, alternate ? prefix(type) : "");
            }
            default -> {
                double number = real(value);
                String digits = FloatText.format(in.budget(), number, type, precision < 0 ? 6 : precision, alternate);
                boolean isNegative = number < 0 || (number == 0 && 1 / number < 0);
                number(isNegative ? "-" : sign, digits, field, isLeft, zeros, "");
            }
        }
    }

    private Str shown(Value value) {
        return format.isMarkup()
                ? Html.escape(in.budget(), Repr.soft(in.budget(), value))
                : Repr.str(in.budget(), value);
    }

    private Str safe(Str s) {
        return format.isMarkup() ? Html.escape(in.budget(), s) : s;
    }

    private static Str clip(Str s, int precision) {
        return precision < 0 || precision >= s.length() ? s : s.part(0, s.offset(precision));
    }

    private Str ascii(Str s) {
        var escaped = new Text(in.budget());
        for (int i = 0; i < s.text().length(); ) {
            int c = s.text().codePointAt(i);
            int end = i + Character.charCount(c);
            if (c < 128) {
                escaped.add(s, i, end);
            } else {
                String form = c < 256 ? "\\x%02x" : c < 65536 ? "\\u%04x" : "\\U%08x";
                escaped.addFrom(s, i, form.formatted(c));
            }
            i = end;
        }
        return escaped.toStr();
    }

    private void padded(Str s, int field, boolean isLeft) {
        int missing = Math.max(0, field - s.length());
        out.repeat(' ', isLeft ? 0 : missing).add(s).repeat(' ', isLeft ? missing : 0);
    }

    private void number(String sign, String digits, int field, boolean isLeft, boolean zeros, String prefix) {
        int missing = Math.max(0, field - sign.length() - prefix.length() - digits.length());
        out.repeat(' ', isLeft || zeros ? 0 : missing).add(sign).add(prefix);
        out.repeat('0', zeros ? missing : 0).add(digits).repeat(' ', isLeft ? missing : 0);
    }

    private String digits(BigInteger number, char type, int precision) {
        BigInteger magnitude = number.abs();
        String digits = switch (type) {
            case 'o' -> magnitude.toString(8);
            case 'x' -> magnitude.toString(16);
            case 'X' -> magnitude.toString(16).toUpperCase(Locale.ROOT);
            default -> Repr.integer(magnitude);
        };
        int missing = Math.max(0, precision - digits.length());
        in.budget().chars(missing);
        return "0".repeat(missing) + digits;
    }

    private static String prefix(char type) {
        return switch (type) {
            case 'o' -> "0o";
            case 'x' -> "0x";
            case 'X' -> "0X";
            default -> "";
        };
    }

    private BigInteger whole(Value value, char type) {
        if (value instanceof Value.Real r
                && "diu".indexOf(type) >= 0
                && !Double.isNaN(r.value())
                && !Double.isInfinite(r.value())) {
            return Numbers.truncated(r.value());
        }
        if (value instanceof Value.Int || value instanceof Value.Bool) {
            return Ordering.integer(value);
        }
        if (value instanceof Undefined u) {
            throw u.failure();
        }
        String needed = "diu".indexOf(type) >= 0 ? "a real number" : "an integer";
        throw new Failure("%" + type + " format: " + needed + " is required, not " + value.typeName());
    }

    private double real(Value value) {
        if (Equality.isNumber(value)) {
            return Arithmetic.toDouble(value);
        }
        if (value instanceof Undefined u) {
            throw u.failure();
        }
        throw new Failure("must be real number, not " + value.typeName());
    }

    private static Str character(Value value) {
        if (value instanceof Str s && s.length() == 1) {
            return s.asPlain();
        }
        if (value instanceof Value.Int i
                && i.value().signum() >= 0
                && i.value().bitLength() < 31
                && Character.isValidCodePoint(i.value().intValueExact())) {
            return Str.of(Character.toString(i.value().intValueExact()));
        }
        throw new Failure("format c requires int or char");
    }

    /** The filter {@code format}. */
    static Value filter(Interpreter in, Value value, Args args) {
        if (!args.positional().isEmpty() && !args.named().isEmpty()) {
            throw new Failure("can't handle positional and keyword arguments at the same time");
        }
        var names = new Dict();
        args.named().forEach(names::put);
        @Nullable Value values = args.named().isEmpty() ? Seq.tuple(args.positional()) : names;
        return format(in, Repr.soft(in.budget(), value), values);
    }
}
