package dev.hearth.chat.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The methods of {@code str}. Parts keep their provenance; what stays markup, stays markup. */
final class StrMethods {
    private interface Method {
        Value call(Interpreter in, Str self, Args args);
    }

    private static final Map<String, Method> METHODS = Map.ofEntries(
            Map.entry("capitalize", (in, s, a) -> none(a, Casing.capitalize(in, s))),
            Map.entry("casefold", (in, s, a) -> none(a, Casing.fold(in, s))),
            Map.entry("lower", (in, s, a) -> none(a, Casing.lower(in, s))),
            Map.entry("upper", (in, s, a) -> none(a, Casing.upper(in, s))),
            Map.entry("title", (in, s, a) -> none(a, Casing.title(in, s))),
            Map.entry("swapcase", (in, s, a) -> none(a, Casing.swap(in, s))),
            Map.entry("center", (in, s, a) -> Padding.pad(in, s, a, "center")),
            Map.entry("ljust", (in, s, a) -> Padding.pad(in, s, a, "ljust")),
            Map.entry("rjust", (in, s, a) -> Padding.pad(in, s, a, "rjust")),
            Map.entry("zfill", (in, s, a) -> Padding.zeros(in, s, a)),
            Map.entry("expandtabs", (in, s, a) -> Padding.expandTabs(in, s, a)),
            Map.entry("strip", (in, s, a) -> Splitting.strip(in, s, a, true, true)),
            Map.entry("lstrip", (in, s, a) -> Splitting.strip(in, s, a, true, false)),
            Map.entry("rstrip", (in, s, a) -> Splitting.strip(in, s, a, false, true)),
            Map.entry("split", (in, s, a) -> Splitting.split(in, s, a, false)),
            Map.entry("rsplit", (in, s, a) -> Splitting.split(in, s, a, true)),
            Map.entry("splitlines", (in, s, a) -> Splitting.lines(in, s, a)),
            Map.entry("partition", (in, s, a) -> Splitting.partition(in, s, a, false)),
            Map.entry("rpartition", (in, s, a) -> Splitting.partition(in, s, a, true)),
            Map.entry("removeprefix", (in, s, a) -> Splitting.removePrefix(s, a)),
            Map.entry("removesuffix", (in, s, a) -> Splitting.removeSuffix(s, a)),
            Map.entry("startswith", (in, s, a) -> affix(in, s, a, "startswith")),
            Map.entry("endswith", (in, s, a) -> affix(in, s, a, "endswith")),
            Map.entry("find", (in, s, a) -> Value.Int.of(find(in, s, a, "find"))),
            Map.entry("rfind", (in, s, a) -> Value.Int.of(find(in, s, a, "rfind"))),
            Map.entry("index", (in, s, a) -> found(find(in, s, a, "index"))),
            Map.entry("rindex", (in, s, a) -> found(find(in, s, a, "rindex"))),
            Map.entry("count", StrMethods::count),
            Map.entry("replace", StrMethods::replace),
            Map.entry("join", StrMethods::join),
            Map.entry("format", (in, s, a) -> BraceFormat.format(in, s, a)),
            Map.entry("format_map", StrMethods::formatMap),
            Map.entry("isalnum", (in, s, a) -> all(in, s, a, c -> Character.isLetter(c) || Chars.isNumeric(c))),
            Map.entry("isalpha", (in, s, a) -> all(in, s, a, Character::isLetter)),
            Map.entry("isdecimal", (in, s, a) -> all(in, s, a, Character::isDigit)),
            Map.entry("isdigit", (in, s, a) -> all(in, s, a, Chars::isDigit)),
            Map.entry("isnumeric", (in, s, a) -> all(in, s, a, Chars::isNumeric)),
            Map.entry("isspace", (in, s, a) -> all(in, s, a, Chars::isSpace)),
            Map.entry(
                    "isascii",
                    (in, s, a) -> Value.Bool.of(
                            s.isEmpty() || all(in, s, a, c -> c < 128).isTrue())),
            Map.entry(
                    "isprintable",
                    (in, s, a) -> Value.Bool.of(
                            s.isEmpty() || all(in, s, a, Chars::isPrintable).isTrue())),
            Map.entry("isidentifier", (in, s, a) -> none(a, Value.Bool.of(isIdentifier(s.text())))),
            Map.entry("islower", (in, s, a) -> none(a, Value.Bool.of(Casing.isLower(in, s)))),
            Map.entry("isupper", (in, s, a) -> none(a, Value.Bool.of(Casing.isUpper(in, s)))),
            Map.entry("istitle", (in, s, a) -> none(a, Value.Bool.of(Casing.isTitle(in, s)))),
            Map.entry("encode", (in, s, a) -> unsupported("encode")),
            Map.entry("translate", (in, s, a) -> unsupported("translate")),
            Map.entry("maketrans", (in, s, a) -> unsupported("maketrans")));

    private StrMethods() {}

    /** A method bound to a string, null if it has none of that name. */
    static @Nullable Value bind(Str self, String name) {
        Method method = METHODS.get(name);
        return method == null ? null : new Function(name, self, (in, args) -> method.call(in, self, args));
    }

    private static Value none(Args args, Value result) {
        args.positionalOnly("this method", 0, 0);
        return result;
    }

    private static Value unsupported(String name) {
        throw new Failure("str." + name + " is not supported");
    }

    private static boolean isIdentifier(String text) {
        return !text.isEmpty()
                && (text.charAt(0) == '_' || Character.isUnicodeIdentifierStart(text.codePointAt(0)))
                && text.codePoints().allMatch(c -> c == '_' || Character.isUnicodeIdentifierPart(c));
    }

    private static Value.Bool all(Interpreter in, Str s, Args args, IntPredicate test) {
        args.positionalOnly("this method", 0, 0);
        in.budget().scan(s.text().length());
        return Value.Bool.of(!s.isEmpty() && s.text().codePoints().allMatch(test));
    }

    private static Value affix(Interpreter in, Str s, Args args, String name) {
        @Nullable Value[] bound = args.positionalOnly(name, 1, 3);
        int from = s.offset(Params.bound(bound[1], s.length(), 0));
        int to = s.offset(Params.bound(bound[2], s.length(), s.length()));
        boolean isBeyond = bound[1] != null && Params.integer(Params.orNone(bound[1]), 0) > s.length();
        List<Value> wanted = bound[0] instanceof Seq tuple && !tuple.isList()
                ? tuple.items()
                : List.of(Objects.requireNonNull(bound[0]));
        for (Value affix : wanted) {
            if (!(affix instanceof Str str)) {
                throw new Failure(name + " first arg must be str or a tuple of str, not " + affix.typeName());
            }
            String text = str.text();
            in.budget().scan(text.length());
            boolean fits = from <= to && text.length() <= to - from && !isBeyond;
            int at = name.equals("startswith") ? from : to - text.length();
            if (fits && s.text().startsWith(text, at)) {
                return Value.Bool.TRUE;
            }
        }
        return Value.Bool.FALSE;
    }

    private static Value found(int index) {
        if (index < 0) {
            throw new Failure("substring not found");
        }
        return Value.Int.of(index);
    }

    private static int find(Interpreter in, Str s, Args args, String name) {
        @Nullable Value[] bound = args.positionalOnly(name, 1, 3);
        String wanted = Params.string(name, bound[0]).text();
        if (bound[1] != null && Params.integer(Params.orNone(bound[1]), 0) > s.length()) {
            return -1;
        }
        int from = s.offset(Params.bound(bound[1], s.length(), 0));
        int to = s.offset(Params.bound(bound[2], s.length(), s.length()));
        if (from > to) {
            return -1;
        }
        int at = name.startsWith("r")
                ? Search.lastIndexOf(in.budget(), s.text(), wanted, to)
                : Search.indexOf(in.budget(), s.text(), wanted, from);
        return at < from || at + wanted.length() > to ? -1 : s.index(at);
    }

    private static Value count(Interpreter in, Str s, Args args) {
        @Nullable Value[] bound = args.positionalOnly("count", 1, 3);
        String wanted = Params.string("count", bound[0]).text();
        int first = Params.bound(bound[1], s.length(), 0);
        int last = Params.bound(bound[2], s.length(), s.length());
        if (first > last) {
            return Value.Int.of(0);
        }
        if (wanted.isEmpty()) {
            return Value.Int.of(last - first + 1L);
        }
        int to = s.offset(last);
        long count = 0;
        for (int at = next(in, s, wanted, s.offset(first)); at >= 0 && at + wanted.length() <= to; count++) {
            at = next(in, s, wanted, at + wanted.length());
        }
        return Value.Int.of(count);
    }

    private static int next(Interpreter in, Str s, String wanted, int from) {
        return Search.indexOf(in.budget(), s.text(), wanted, from);
    }

    private static Value replace(Interpreter in, Str s, Args args) {
        @Nullable Value[] bound = args.positionalOnly("replace", 2, 3);
        Str with = Params.string("replace", bound[1]);
        int count = Params.integer(bound[2], -1);
        Str escaped = s.isMarkup() ? Html.escape(in.budget(), with) : with;
        return replace(in, s, Params.string("replace", bound[0]), escaped, count);
    }

    /** {@code s.replace(old, with, count)}; a negative count replaces all. */
    static Str replace(Interpreter in, Str s, Str old, Str with, int count) {
        String text = s.text();
        var out = new Text(in.budget());
        int left = count < 0 ? Integer.MAX_VALUE : count;
        int done = 0;
        if (old.isEmpty()) {
            for (int at = 0; left > 0; left--) {
                out.add(s, done, at).add(with);
                done = at;
                if (at == text.length()) {
                    break;
                }
                at += Character.charCount(text.codePointAt(at));
            }
        } else {
            while (left-- > 0) {
                int at = next(in, s, old.text(), done);
                if (at < 0) {
                    break;
                }
                out.add(s, done, at).add(with);
                done = at + old.text().length();
            }
        }
        return out.add(s, done, text.length()).toStr().like(s);
    }

    private static Value join(Interpreter in, Str s, Args args) {
        Value items = Objects.requireNonNull(args.positionalOnly("join", 1, 1)[0]);
        if (!Iteration.isIterable(items)) {
            throw new Failure("can only join an iterable");
        }
        var out = new Text(in.budget());
        Iterator<Value> more = Iteration.over(in, items);
        for (int i = 0; more.hasNext(); i++) {
            if (!(more.next() instanceof Str item)) {
                throw new Failure("sequence item " + i + ": expected str instance");
            }
            if (i > 0) {
                out.add(s);
            }
            out.add(s.isMarkup() ? Html.escape(in.budget(), item) : item);
        }
        return out.toStr().like(s);
    }

    private static Value formatMap(Interpreter in, Str s, Args args) {
        Value mapping = Objects.requireNonNull(args.positionalOnly("format_map", 1, 1)[0]);
        return BraceFormat.format(in, s, new ArrayList<>(), key -> mapping instanceof Dict d ? d.get(key) : null);
    }
}
