package dev.hearth.chat.jinja;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The filters that lay text out: indents, lines, lengths. */
final class LayoutFilters {
    private static final String[] DECIMAL = {"kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"};
    private static final String[] BINARY = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"};

    private LayoutFilters() {}

    static void addTo(Map<String, Filters.Filter> filters) {
        filters.put("indent", LayoutFilters::indent);
        filters.put("truncate", LayoutFilters::truncate);
        filters.put("wordwrap", Wrapping::filter);
        filters.put("urlize", Links::filter);
        filters.put("wordcount", LayoutFilters::countWords);
        filters.put("filesizeformat", LayoutFilters::fileSize);
    }

    private static Str text(Value value, String method) {
        return switch (value) {
            case Str s -> s;
            case Undefined u -> throw u.failure();
            default -> throw new Failure("'" + value.typeName() + "' object has no attribute '" + method + "'");
        };
    }

    private static Value indent(Interpreter in, Value value, Args args) {
        @Nullable Value[] bound = args.bind("do_indent", 0, "width", "first", "blank");
        Str s = text(value, "splitlines");
        Str indention;
        if (bound[0] instanceof Str given) {
            indention = given;
        } else {
            int width = Math.max(0, Params.integer(bound[0], 4));
            indention = new Text(in.budget()).repeat(' ', width).toStr();
        }
        boolean blank = Params.flag(bound[2], false);
        // one more line end, as jinja2 adds it, so that a last empty line counts
        List<Value> lines =
                Splitting.lines(in, new Text(in.budget()).add(s).add('\n').toStr(), false);
        var out = new Text(in.budget());
        if (Params.flag(bound[1], false)) {
            out.add(indention);
        }
        for (int i = 0; i < lines.size(); i++) {
            Str line = (Str) lines.get(i);
            if (i > 0) {
                out.add('\n');
                out.add(blank || !line.isEmpty() ? indention : Str.EMPTY);
            }
            out.add(line);
        }
        return out.toStr().like(s);
    }

    private static Value truncate(Interpreter in, Value value, Args args) {
        @Nullable Value[] bound = args.bind("do_truncate", 0, "length", "killwords", "end", "leeway");
        int length = Params.integer(bound[0], 255);
        Str end = bound[2] == null ? Str.of("...") : Params.string("do_truncate", bound[2]);
        int leeway = Params.integer(Params.orNone(bound[3]), 5);
        if (length < end.length()) {
            throw new Failure("expected length >= " + end.length() + ", got " + length);
        }
        if (leeway < 0) {
            throw new Failure("expected leeway >= 0, got " + leeway);
        }
        if (Iteration.length(value) < 0) {
            throw new Failure("object of type '" + value.typeName() + "' has no len()");
        }
        if (Iteration.length(value) <= (long) length + leeway) {
            return value;
        }
        Str s = text(value, "rsplit");
        Str kept = s.part(0, s.offset(length - end.length()));
        if (!Params.flag(bound[1], false)) {
            int space = kept.text().lastIndexOf(' ');
            kept = space < 0 ? kept : kept.part(0, space);
        }
        return new Text(in.budget()).add(kept).add(end).toStr().like(s);
    }

    private static Value countWords(Interpreter in, Value value, Args args) {
        args.bind("do_wordcount", 0);
        String text = Repr.soft(in.budget(), value).text();
        in.budget().scan(text.length());
        long count = 0;
        boolean inWord = false;
        for (int c : text.codePoints().toArray()) {
            boolean isWord = Chars.isWord(c);
            count += isWord && !inWord ? 1 : 0;
            inWord = isWord;
        }
        return Value.Int.of(count);
    }

    private static Value fileSize(Interpreter in, Value value, Args args) {
        boolean binary = Params.flag(args.bind("do_filesizeformat", 0, "binary")[0], false);
        Double bytes = value instanceof Str s ? Numbers.parseFloat(s.text()) : null;
        if (bytes == null && value instanceof Str) {
            throw new Failure("could not convert string to float");
        }
        double size = bytes != null ? bytes : Arithmetic.toDouble(value);
        double base = binary ? 1024 : 1000;
        if (size == 1) {
            return Str.of("1 Byte");
        }
        if (size < base) {
            return Str.of(Numbers.truncated(size) + " Bytes");
        }
        double unit = base;
        String prefix = "";
        for (String name : binary ? BINARY : DECIMAL) {
            unit *= base;
            prefix = name;
            if (size < unit) {
                break;
            }
        }
        return Str.of(FloatText.format(in.budget(), base * size / unit, 'f', 1, false) + " " + prefix);
    }
}
