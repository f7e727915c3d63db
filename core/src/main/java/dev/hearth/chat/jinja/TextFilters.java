package dev.hearth.chat.jinja;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The filters that make text of a value. */
final class TextFilters {
    private TextFilters() {}

    static void addTo(Map<String, Filters.Filter> filters) {
        filters.put("capitalize", (in, v, a) -> none(a, Casing.capitalize(in, soft(in, v))));
        filters.put("lower", (in, v, a) -> none(a, Casing.lower(in, soft(in, v))));
        filters.put("upper", (in, v, a) -> none(a, Casing.upper(in, soft(in, v))));
        filters.put("title", (in, v, a) -> none(a, Casing.words(in, soft(in, v)).asPlain()));
        filters.put("string", (in, v, a) -> none(a, soft(in, v)));
        filters.put("safe", (in, v, a) -> none(a, soft(in, v).asMarkup()));
        filters.put("escape", (in, v, a) -> none(a, Html.escape(in.budget(), soft(in, v))));
        filters.put("e", (in, v, a) -> none(a, Html.escape(in.budget(), soft(in, v))));
        filters.put(
                "forceescape",
                (in, v, a) -> none(a, Html.escape(in.budget(), soft(in, v).asPlain())));
        filters.put(
                "striptags",
                (in, v, a) -> none(a, Html.stripTags(in, soft(in, v).asPlain())));
        filters.put("pprint", (in, v, a) -> none(a, Pretty.print(in, v)));
        filters.put("trim", (in, v, a) -> {
            Value chars = Params.orNone(a.bind("do_trim", 0, "chars")[0]);
            return Splitting.strip(in, soft(in, v), chars, true, true);
        });
        filters.put("center", (in, v, a) -> {
            Value width = a.bind("do_center", 0, "width")[0];
            return Padding.pad(in, soft(in, v), Args.of(width == null ? Value.Int.of(80) : width), "center");
        });
        filters.put("replace", TextFilters::replace);
        filters.put("join", TextFilters::join);
        filters.put("urlencode", TextFilters::urlEncode);
        filters.put("xmlattr", TextFilters::xmlAttributes);
    }

    private static Str soft(Interpreter in, Value value) {
        return Repr.soft(in.budget(), value);
    }

    private static Value none(Args args, Value result) {
        args.bind("this filter", 0);
        return result;
    }

    private static Value replace(Interpreter in, Value value, Args args) {
        @Nullable Value[] bound = args.bind("do_replace", 2, "old", "new", "count");
        Str old = Repr.str(in.budget(), Objects.requireNonNull(bound[0]));
        Str with = Repr.str(in.budget(), Objects.requireNonNull(bound[1]));
        int count = Params.integer(Params.orNone(bound[2]), -1);
        return StrMethods.replace(in, Repr.str(in.budget(), value), old, with, count);
    }

    private static Value join(Interpreter in, Value value, Args args) {
        @Nullable Value[] bound = args.bind("do_join", 0, "d", "attribute");
        Str separator = bound[0] == null ? Str.EMPTY : Repr.str(in.budget(), bound[0]);
        Value attribute = Params.orNone(bound[1]);
        var path = attribute == null ? null : Path.of(in, attribute, null);
        var out = new Text(in.budget());
        Iterator<Value> items = Iteration.over(in, value);
        for (boolean first = true; items.hasNext(); first = false) {
            if (!first) {
                out.add(separator);
            }
            Value item = items.next();
            out.add(Repr.str(in.budget(), path == null ? item : path.get(item)));
        }
        return out.toStr();
    }

    private static Value urlEncode(Interpreter in, Value value, Args args) {
        args.bind("do_urlencode", 0);
        if (value instanceof Str || !Iteration.isIterable(value)) {
            return quoted(in, value, false);
        }
        Value pairs = value instanceof Dict d ? new View(d, View.Kind.ITEMS) : value;
        var out = new Text(in.budget());
        Iterator<Value> items = Iteration.over(in, pairs);
        while (items.hasNext()) {
            var pair = Iteration.list(in, items.next());
            if (pair.size() != 2) {
                throw new Failure("not enough values to unpack (expected 2, got " + pair.size() + ")");
            }
            out.add(out.length() == 0 ? "" : "&");
            out.add(quoted(in, pair.get(0), true)).add("=").add(quoted(in, pair.get(1), true));
        }
        return out.toStr();
    }

    private static Str quoted(Interpreter in, Value value, boolean forQuery) {
        Str s = Repr.str(in.budget(), value);
        var out = new Text(in.budget());
        for (int i = 0; i < s.text().length(); ) {
            int c = s.text().codePointAt(i);
            int end = i + Character.charCount(c);
            boolean isSafe =
                    c < 128 && (Character.isLetterOrDigit(c) || "_.-~".indexOf(c) >= 0 || (c == '/' && !forQuery));
            if (isSafe) {
                out.add(s, i, end);
            } else if (c == ' ' && forQuery) {
                out.addFrom(s, i, "+");
            } else {
                var bytes = new StringBuilder();
                for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                    bytes.append("%%%02X".formatted(b));
                }
                out.addFrom(s, i, bytes.toString());
            }
            i = end;
        }
        return out.toStr();
    }

    private static Value xmlAttributes(Interpreter in, Value value, Args args) {
        boolean autospace = Params.flag(args.bind("do_xmlattr", 0, "autospace")[0], true);
        if (!(value instanceof Dict dict)) {
            throw new Failure("'" + value.typeName() + "' object has no attribute 'items'");
        }
        var out = new Text(in.budget());
        for (Dict.Entry entry : dict.entries()) {
            if (entry.value() == Value.None.NONE || entry.value() instanceof Undefined) {
                continue;
            }
            Str key = Params.string("search", entry.key());
            if (key.text().chars().anyMatch(c -> "/>= \t\n\r\f\u000b".indexOf(c) >= 0)) {
                throw new Failure("Invalid character in attribute name: " + Repr.quote(key.text()));
            }
            out.add(autospace || out.length() > 0 ? " " : "");
            out.add(Html.escape(in.budget(), key)).add("=\"");
            out.add(Html.escape(in.budget(), soft(in, entry.value()))).add("\"");
        }
        return out.toStr();
    }
}
