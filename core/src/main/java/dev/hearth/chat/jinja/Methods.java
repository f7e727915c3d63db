package dev.hearth.chat.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The methods of lists, tuples, dicts and numbers that change nothing. */
final class Methods {
    private Methods() {}

    /** A method of a dict, null if it has none of that name. */
    static @Nullable Value bind(Dict dict, String name) {
        Function.Body body = switch (name) {
            case "get" ->
                (in, args) -> {
                    @Nullable Value[] bound = args.positionalOnly("get", 1, 2);
                    Value value = dict.get(Objects.requireNonNull(bound[0]));
                    return value != null ? value : bound[1] == null ? Value.None.NONE : bound[1];
                };
            case "items" -> view(dict, name, View.Kind.ITEMS);
            case "keys" -> view(dict, name, View.Kind.KEYS);
            case "values" -> view(dict, name, View.Kind.VALUES);
            case "copy" ->
                (in, args) -> {
                    args.positionalOnly("copy", 0, 0);
                    return dict; // nothing can tell it from a copy
                };
            case "fromkeys" -> Globals.FROM_KEYS.body();
            default -> null;
        };
        return body == null ? null : new Function(name, dict, body);
    }

    private static Function.Body view(Dict dict, String name, View.Kind kind) {
        return (in, args) -> {
            args.positionalOnly("dict." + name, 0, 0);
            return new View(dict, kind);
        };
    }

    /** A method of a list or tuple, null if it has none of that name. */
    static @Nullable Value bind(Seq seq, String name) {
        if (seq.kind() == Seq.Kind.GROUP && (name.equals("grouper") || name.equals("list"))) {
            return seq.items().get(name.equals("grouper") ? 0 : 1);
        }
        Function.Body body = switch (name) {
            case "index" -> (in, args) -> index(in, seq, args);
            case "count" -> (in, args) -> count(in, seq, args);
            case "copy" ->
                !seq.isList()
                        ? null
                        : (in, args) -> {
                            args.positionalOnly("copy", 0, 0);
                            return seq;
                        };
            default -> null;
        };
        return body == null ? null : new Function(name, seq, body);
    }

    private static Value index(Interpreter in, Seq seq, Args args) {
        @Nullable Value[] bound = args.positionalOnly("index", 1, 3);
        Value wanted = Objects.requireNonNull(bound[0]);
        int from = Params.bound(bound[1], seq.size(), 0);
        int to = Params.bound(bound[2], seq.size(), seq.size());
        for (int i = from; i < to; i++) {
            in.budget().step();
            if (Equality.equal(in.budget(), seq.items().get(i), wanted)) {
                return Value.Int.of(i);
            }
        }
        throw new Failure(Repr.shortRepr(wanted) + " is not in list");
    }

    private static Value count(Interpreter in, Seq seq, Args args) {
        Value wanted = Objects.requireNonNull(args.positionalOnly("count", 1, 1)[0]);
        long count = 0;
        Iterator<Value> items = Iteration.over(in, seq);
        while (items.hasNext()) {
            count += Equality.equal(in.budget(), items.next(), wanted) ? 1 : 0;
        }
        return Value.Int.of(count);
    }

    /** An attribute or method of a number, null if it has none of that name. */
    static @Nullable Value number(Value number, String name) {
        return switch (name) {
            case "real" -> number;
            case "imag" -> number instanceof Value.Real ? new Value.Real(0) : Value.Int.of(0);
            case "conjugate" -> new Function(name, number, (in, args) -> number);
            case "numerator" -> number instanceof Value.Int ? number : null;
            case "denominator" -> number instanceof Value.Int ? Value.Int.of(1) : null;
            case "bit_length" ->
                number instanceof Value.Int i
                        ? new Function(
                                name,
                                number,
                                (in, args) -> Value.Int.of(i.value().abs().bitLength()))
                        : null;
            case "is_integer" ->
                number instanceof Value.Real r
                        ? new Function(name, number, (in, args) -> Value.Bool.of(isWhole(r.value())))
                        : null;
            default -> null;
        };
    }

    private static boolean isWhole(double value) {
        return value == Math.rint(value) && !Double.isInfinite(value);
    }

    /** {@code dict.fromkeys(keys, value)}. */
    static Value fromKeys(Interpreter in, Args args) {
        @Nullable Value[] bound = args.positionalOnly("fromkeys", 1, 2);
        Value value = bound[1] == null ? Value.None.NONE : bound[1];
        var dict = new Dict();
        Iterator<Value> keys = Iteration.over(in, Objects.requireNonNull(bound[0]));
        while (keys.hasNext()) {
            in.budget().elements(2);
            dict.put(keys.next(), value);
        }
        return dict;
    }

    /** {@code dict(mapping or pairs, **more)}. */
    static Dict dict(Interpreter in, Args args) {
        var dict = new Dict();
        if (args.positional().size() > 1) {
            throw new Failure(
                    "dict expected at most 1 argument, got " + args.positional().size());
        }
        for (Value source : args.positional()) {
            if (source instanceof Dict other) {
                in.budget().elements(2L * other.size());
                dict.putAll(other);
                continue;
            }
            Iterator<Value> pairs = Iteration.over(in, source);
            while (pairs.hasNext()) {
                in.budget().elements(2);
                List<Value> pair = new ArrayList<>(Iteration.list(in, pairs.next()));
                if (pair.size() != 2) {
                    throw new Failure(
                            "dictionary update sequence element has length " + pair.size() + "; 2 is required");
                }
                dict.put(pair.get(0), pair.get(1));
            }
        }
        in.budget().elements(2L * args.named().size());
        args.named().forEach(dict::put);
        return dict;
    }
}
