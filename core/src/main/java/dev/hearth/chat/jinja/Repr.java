package dev.hearth.chat.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Values as Python prints them: {@code str()} and {@code repr()}. */
final class Repr {
    private static final int MAX_DIGITS = 4300; // CPython refuses to print longer integers
    private static final int MAX_PRINTED_BITS = 14285; // what 4300 digits can have
    private static final int SHOWN = 60; // characters of a value in an error message

    private Repr() {}

    /** {@code str(value)}. */
    static Str str(Budget budget, Value value) {
        return switch (value) {
            case Str s -> s.asPlain();
            case Undefined u -> Str.EMPTY;
            case Value.None n -> Str.of("None");
            case Value.Bool b -> Str.of(b.isTrue() ? "True" : "False");
            case Value.Int i -> Str.of(integer(i.value()));
            case Value.Real r -> Str.of(real(r.value()));
            default -> repr(budget, value);
        };
    }

    /** {@code soft_str(value)}: {@code str} that leaves markup as it is. */
    static Str soft(Budget budget, Value value) {
        return value instanceof Str s ? s : str(budget, value);
    }

    /** {@code repr(value)}. */
    static Str repr(Budget budget, Value value) {
        var text = new Text(budget);
        write(budget, value, text);
        return text.toStr();
    }

    private static void write(Budget budget, Value value, Text out) {
        budget.enter();
        switch (value) {
            case Str s -> quoted(s, out);
            case Undefined u -> out.add("Undefined");
            case Seq s when s.isList() -> items(budget, "[", s.items(), "]", out);
            case Seq s -> items(budget, "(", s.items(), s.size() == 1 ? ",)" : ")", out);
            case Dict d -> dict(budget, d, out);
            case View v -> {
                out.add(v.typeName()).add("(");
                items(budget, "[", v.dict().entries().stream().map(v::of).toList(), "])", out);
            }
            case Range r ->
                out.add("range(" + r.start() + ", " + r.stop() + (r.step() == 1 ? "" : ", " + r.step()) + ")");
            case Namespace n -> namespace(budget, n, out);
            case Macro m -> out.add(m.name() == null ? "<Macro anonymous>" : "<Macro " + quote(m.name()) + ">");
            case Loop l -> out.add(l.described());
            case Function f
            when f.owner() != null ->
                out.add("<built-in method " + f.name() + " of " + f.owner().typeName() + " object>");
            case Function f -> out.add("<function " + f.name() + ">");
            case Iter i -> out.add("<" + i.typeName() + " object>");
            case Cycler c -> out.add("<Cycler object>");
            default -> out.add(str(budget, value));
        }
        budget.leave();
    }

    private static void items(Budget budget, String open, List<Value> items, String close, Text out) {
        out.add(open);
        for (int i = 0; i < items.size(); i++) {
            out.add(i == 0 ? "" : ", ");
            write(budget, items.get(i), out);
        }
        out.add(close);
    }

    private static void dict(Budget budget, Dict dict, Text out) {
        out.add('{');
        boolean first = true;
        for (Dict.Entry entry : dict.entries()) {
            out.add(first ? "" : ", ");
            first = false;
            write(budget, entry.key(), out);
            out.add(": ");
            write(budget, entry.value(), out);
        }
        out.add('}');
    }

    private static void namespace(Budget budget, Namespace namespace, Text out) {
        var attributes = new Dict();
        namespace.attributes().forEach(attributes::put);
        out.add("<Namespace ");
        dict(budget, attributes, out);
        out.add('>');
    }

    private static void quoted(Str s, Text out) {
        String text = s.text();
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        out.add(s.isMarkup() ? "Markup(" : "").add(quote);
        int plain = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            int end = i + Character.charCount(c);
            String escaped = escape(c, quote);
            if (escaped != null) {
                out.add(s, plain, i).addFrom(s, i, escaped);
                plain = end;
            }
            i = end;
        }
        out.add(s, plain, text.length()).add(quote).add(s.isMarkup() ? ")" : "");
    }

    private static @Nullable String escape(int c, char quote) {
        return switch (c) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\\' -> "\\\\";
            default -> {
                if (c == quote) {
                    yield "\\" + quote;
                }
                if (Chars.isPrintable(c)) {
                    yield null;
                }
                yield c < 256 ? "\\x%02x".formatted(c) : c < 65536 ? "\\u%04x".formatted(c) : "\\U%08x".formatted(c);
            }
        };
    }

    /** {@code repr} of a short string of our own, for messages. */
    static String quote(@Nullable String text) {
        if (text == null) {
            return "None";
        }
        String shown = text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
        return repr(new Budget(0, 0), Str.of(shown)).text();
    }

    /** {@code repr} of a value in a message, cut short. */
    static String shortRepr(Value value) {
        return switch (value) {
            case Str s -> quote(s.text());
            case Value.Int i ->
                i.value().bitLength() > 200 ? "a large int" : i.value().toString();
            case Value.Real r -> real(r.value());
            case Value.Bool b -> b.isTrue() ? "True" : "False";
            case Value.None n -> "None";
            default -> "a " + value.typeName();
        };
    }

    /** An integer in decimal. */
    static String integer(BigInteger value) {
        String digits = value.bitLength() > MAX_PRINTED_BITS ? "" : value.toString();
        if (digits.isEmpty() || digits.length() - (value.signum() < 0 ? 1 : 0) > MAX_DIGITS) {
            throw new Failure("Exceeds the limit (" + MAX_DIGITS + " digits) for integer string conversion");
        }
        return digits;
    }

    /** {@code repr} of a float: the shortest digits that read back, an exponent below 1e-4 and from 1e16. */
    static String real(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        var exact = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        if (exact.precision() == 2) { // Java prefers the nearer two digits where one would do: 4.9E-324
            BigDecimal one = exact.round(new MathContext(1, RoundingMode.HALF_EVEN));
            exact = one.doubleValue() == value ? one.stripTrailingZeros() : exact;
        }
        String digits = exact.unscaledValue().abs().toString();
        int exponent = digits.length() - 1 - exact.scale();
        String sign = value < 0 ? "-" : "";
        if (exponent < -4 || exponent >= 16) {
            String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
            return sign + digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+")
                    + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
        }
        String plain = exact.abs().toPlainString();
        return sign + plain + (plain.indexOf('.') < 0 ? ".0" : "");
    }
}
