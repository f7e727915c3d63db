package dev.hearth.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@code tojson} as transformers defines it: Python's {@code json.dumps}, nothing escaped for HTML. */
final class JsonWriter {
    private final Budget budget;
    private final Text out;
    private final boolean ensureAscii;
    private final @Nullable Str indent;
    private final Str itemSeparator;
    private final Str keySeparator;
    private final boolean sortKeys;

    private JsonWriter(Interpreter in, Value value, @Nullable Value[] options) {
        budget = in.budget();
        out = new Text(budget);
        ensureAscii = Params.flag(options[0], false);
        indent = indent(value instanceof Str ? null : Params.orNone(options[1])); // of a string no line is broken
        List<Value> separators = separators(in, Params.orNone(options[2]));
        itemSeparator = Params.string("separators", separators.get(0));
        keySeparator = Params.string("separators", separators.get(1));
        sortKeys = Params.flag(options[3], false);
    }

    /** The filter. */
    static Value filter(Interpreter in, Value value, Args args) {
        var writer =
                new JsonWriter(in, value, args.bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys"));
        writer.write(value, 0);
        return writer.out.toStr();
    }

    private @Nullable Str indent(@Nullable Value value) {
        if (value == null || value instanceof Str) {
            return (Str) value;
        }
        int spaces = Math.max(0, Params.integer(value, 0));
        budget.chars(spaces);
        return Str.of(" ".repeat(spaces));
    }

    private List<Value> separators(Interpreter in, @Nullable Value value) {
        if (value == null) {
            return List.of(Str.of(indent == null ? ", " : ","), Str.of(": "));
        }
        List<Value> pair = Iteration.list(in, value);
        if (pair.size() != 2) {
            throw new Failure("separators: expected 2 values to unpack, found " + pair.size());
        }
        return pair;
    }

    private void write(Value value, int level) {
        budget.step();
        budget.enter();
        switch (value) {
            case Str s -> string(s);
            case Value.None n -> out.add("null");
            case Value.Bool b -> out.add(b.isTrue() ? "true" : "false");
            case Value.Int i -> out.add(Repr.integer(i.value()));
            case Value.Real r -> out.add(real(r.value()));
            case Seq s -> array(s, level);
            case Dict d -> object(d, level);
            default -> throw new Failure("Object of type " + value.typeName() + " is not JSON serializable");
        }
        budget.leave();
    }

    private static String real(double value) {
        return Double.isNaN(value)
                ? "NaN"
                : Double.isInfinite(value) ? (value > 0 ? "Infinity" : "-Infinity") : Repr.real(value);
    }

    private void newLine(int level) {
        if (indent != null) {
            out.add('\n');
            for (int i = 0; i < level; i++) {
                out.add(indent);
            }
        }
    }

    private void array(Seq seq, int level) {
        if (seq.size() == 0) {
            out.add("[]");
            return;
        }
        out.add('[');
        for (int i = 0; i < seq.size(); i++) {
            if (i > 0) {
                out.add(itemSeparator);
            }
            newLine(level + 1);
            write(seq.items().get(i), level + 1);
        }
        newLine(level);
        out.add(']');
    }

    private void object(Dict dict, int level) {
        if (dict.size() == 0) {
            out.add("{}");
            return;
        }
        List<Value> keys = dict.keys();
        if (sortKeys) {
            keys = Sorting.sorted(budget, new ArrayList<>(keys), false);
        }
        out.add('{');
        boolean first = true;
        for (Value key : keys) {
            if (!first) {
                out.add(itemSeparator);
            }
            first = false;
            newLine(level + 1);
            string(name(key));
            out.add(keySeparator);
            write(Objects.requireNonNull(dict.get(key)), level + 1);
        }
        newLine(level);
        out.add('}');
    }

    private static Str name(Value key) {
        return switch (key) {
            case Str s -> s;
            case Value.None n -> Str.of("null");
            case Value.Bool b -> Str.of(b.isTrue() ? "true" : "false");
            case Value.Int i -> Str.of(Repr.integer(i.value()));
            case Value.Real r -> Str.of(real(r.value()));
            default -> throw new Failure("keys must be str, int, float, bool or None, not " + key.typeName());
        };
    }

    private void string(Str s) {
        out.add('"');
        String text = s.text();
        int plain = 0;
        for (int i = 0; i < text.length(); i++) {
            String escaped = escape(text.charAt(i));
            if (escaped != null) {
                out.add(s, plain, i).addFrom(s, i, escaped);
                plain = i + 1;
            }
        }
        out.add(s, plain, text.length()).add('"');
    }

    private @Nullable String escape(char c) {
        return switch (c) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\f' -> "\\f";
            case '\b' -> "\\b";
            default -> c < ' ' || (ensureAscii && c > '~') ? "\\u%04x".formatted((int) c) : null;
        };
    }
}
