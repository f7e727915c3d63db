package dev.hearth.chat.jinja;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@code str.format} with the lookups of the sandbox, PEP 3101. */
final class BraceFormat {
    private static final int MAX_NESTING = 2;

    private final Interpreter in;
    private final boolean isMarkup;
    private final List<Value> positional;
    private final Function<Str, @Nullable Value> named;
    private int automatic; // next number of {}, -1 once fields have numbers

    private BraceFormat(
            Interpreter in, boolean isMarkup, List<Value> positional, Function<Str, @Nullable Value> named) {
        this.in = in;
        this.isMarkup = isMarkup;
        this.positional = positional;
        this.named = named;
    }

    static Str format(Interpreter in, Str format, Args args) {
        return format(in, format, args.positional(), name -> args.named().get(name));
    }

    static Str format(Interpreter in, Str format, List<Value> positional, Function<Str, @Nullable Value> named) {
        return new BraceFormat(in, format.isMarkup(), positional, named)
                .expand(format, MAX_NESTING)
                .like(format);
    }

    private Str expand(Str format, int nesting) {
        if (nesting == 0) {
            throw new Failure("Max string recursion exceeded");
        }
        String text = format.text();
        var out = new Text(in.budget());
        int plain = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '{' && c != '}') {
                continue;
            }
            boolean isDoubled = i + 1 < text.length() && text.charAt(i + 1) == c;
            out.add(format, plain, isDoubled ? i + 1 : i);
            if (isDoubled) {
                i++;
            } else if (c == '}') {
                throw new Failure("Single '}' encountered in format string");
            } else {
                int end = endOfField(text, i + 1);
                out.add(field(format.part(i + 1, end), nesting));
                i = end;
            }
            plain = i + 1;
        }
        return out.add(format, plain, text.length()).toStr();
    }

    private static int endOfField(String text, int from) {
        boolean inBrackets = false;
        boolean inName = true;
        int depth = 1;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (inName) {
                inBrackets = c == '[' || (inBrackets && c != ']');
                inName = inBrackets || (c != ':' && c != '!');
            }
            if (!inBrackets) {
                depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            }
            if (depth == 0) {
                return i;
            }
        }
        throw new Failure(
                from == text.length()
                        ? "Single '{' encountered in format string"
                        : "expected '}' before end of string");
    }

    private Str field(Str field, int nesting) {
        String text = field.text();
        int end = endOfName(text);
        Str name = field.part(0, end);
        char conversion = 's';
        boolean isConverted = end < text.length() && text.charAt(end) == '!';
        if (isConverted) {
            if (end + 1 >= text.length() || (end + 2 < text.length() && text.charAt(end + 2) != ':')) {
                throw new Failure("expected ':' after conversion specifier");
            }
            conversion = text.charAt(end + 1);
            end += 2;
        }
        Value value = lookup(name);
        Str spec = end < text.length() ? expand(field.part(end + 1, text.length()), nesting - 1) : Str.EMPTY;
        if (isConverted) {
            value = switch (conversion) {
                case 's' -> Repr.str(in.budget(), value);
                case 'r' -> Repr.repr(in.budget(), value);
                case 'a' -> PercentFormat.format(in, Str.of("%a"), Seq.tuple(List.of(value)));
                default -> throw new Failure("Unknown conversion specifier '" + conversion + "'");
            };
        }
        Str result = FormatSpec.format(in.budget(), value, spec);
        boolean isSafe = value instanceof Str s && s.isMarkup() && spec.isEmpty();
        return isMarkup && !isSafe ? Html.escape(in.budget(), result) : result;
    }

    private static int endOfName(String text) {
        boolean inBrackets = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            inBrackets = c == '[' || (inBrackets && c != ']');
            if (!inBrackets && (c == ':' || c == '!')) {
                return i;
            }
            if (!inBrackets && c == '{') {
                throw new Failure("unexpected '{' in field name");
            }
        }
        return text.length();
    }

    private Value lookup(Str name) {
        String text = name.text();
        int end = 0;
        while (end < text.length() && text.charAt(end) != '.' && text.charAt(end) != '[') {
            end++;
        }
        Value value = first(name.part(0, end));
        while (end < text.length()) {
            if (text.charAt(end) == '.') {
                int from = ++end;
                while (end < text.length() && text.charAt(end) != '.' && text.charAt(end) != '[') {
                    end++;
                }
                requirePart(from < end);
                value = Attributes.attribute(value, text.substring(from, end));
            } else if (text.charAt(end) == '[') {
                int close = text.indexOf(']', end);
                if (close < 0) {
                    throw new Failure("Missing ']' in format string");
                }
                requirePart(close > end + 1);
                value = Attributes.item(in, value, index(name.part(end + 1, close)));
                end = close + 1;
            } else {
                throw new Failure("Only '.' or '[' may follow ']' in format field specifier");
            }
        }
        return value;
    }

    private static void requirePart(boolean isThere) {
        if (!isThere) {
            throw new Failure("Empty attribute in format string");
        }
    }

    private static Value index(Str text) {
        return isNumber(text.text()) ? new Value.Int(Numbers.integer(stripZeros(text.text()))) : text;
    }

    private static String stripZeros(String digits) {
        int i = 0;
        while (i < digits.length() - 1 && digits.charAt(i) == '0') {
            i++;
        }
        return digits.substring(i);
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private Value first(Str name) {
        boolean isNumbered = isNumber(name.text());
        if (!isNumbered && !name.isEmpty()) {
            Value value = named.apply(name);
            if (value == null) {
                throw new Failure("no value for the field " + Repr.quote(name.text()));
            }
            return value;
        }
        if (isNumbered ? automatic > 0 : automatic < 0) {
            throw new Failure("cannot switch between manual field specification and automatic field numbering");
        }
        int index;
        if (isNumbered) {
            automatic = -1;
            index = name.text().length() > 8 ? Integer.MAX_VALUE : Integer.parseInt(name.text());
        } else {
            index = automatic++;
        }
        if (index >= positional.size()) {
            throw new Failure("Replacement index " + index + " out of range for positional args tuple");
        }
        return positional.get(index);
    }
}
