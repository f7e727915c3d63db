package dev.hearth.chat.jinja;

import java.math.BigInteger;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code object.name} and {@code object[index]} in jinja2's immutable sandbox. */
final class Attributes {
    private static final Set<String> LIST_WRITERS =
            Set.of("append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove");
    private static final Set<String> DICT_WRITERS = Set.of("clear", "pop", "popitem", "setdefault", "update");
    private static final Set<String> INTERNAL = Set.of(
            "__class__",
            "__doc__",
            "__init__",
            "__new__",
            "__eq__",
            "__ne__",
            "__lt__",
            "__le__",
            "__gt__",
            "__ge__",
            "__hash__",
            "__repr__",
            "__str__",
            "__format__",
            "__dir__",
            "__reduce__",
            "__reduce_ex__",
            "__sizeof__",
            "__getattribute__",
            "__setattr__",
            "__delattr__",
            "__init_subclass__",
            "__subclasshook__",
            "__getstate__");
    private static final Set<String> SUBSCRIPTABLE = Set.of("__len__", "__getitem__", "__iter__", "__contains__");

    private Attributes() {}

    /** {@code object.name}: the attribute, or else the item, or else undefined. */
    static Value attribute(Value object, String name) {
        Value own = own(object, name);
        if (own != null) {
            return own;
        }
        Value item = object instanceof Dict d ? d.get(name) : null;
        return item == null ? Undefined.attribute(object, name) : item;
    }

    /** {@code object[index]}: the item, or else the attribute, or else undefined. */
    static Value item(Interpreter in, Value object, Value index) {
        if (object instanceof Undefined u) {
            throw u.failure();
        }
        in.budget().step();
        Value item = subscript(object, index);
        if (item == null && index instanceof Str name) {
            item = own(object, name.text());
        }
        return item == null ? Undefined.element(object, index) : item;
    }

    private static @Nullable Value subscript(Value object, Value index) {
        if (object instanceof Dict d) {
            boolean mayBeKey =
                    (index instanceof Seq s && !s.isList()) ? TupleKey.isHashable(s) : Equality.isHashable(index);
            return mayBeKey ? d.get(index) : null;
        }
        if (!(index instanceof Value.Int || index instanceof Value.Bool)) {
            return null;
        }
        int length = object instanceof Str || object instanceof Seq || object instanceof Range
                ? Iteration.length(object)
                : 0;
        BigInteger wanted = Ordering.integer(index);
        if (wanted.bitLength() > 31) {
            return null;
        }
        int i = wanted.intValueExact() < 0 ? wanted.intValueExact() + length : wanted.intValueExact();
        if (i < 0 || i >= length) {
            return null;
        }
        return switch (object) {
            case Seq s -> s.items().get(i);
            case Range r -> r.get(i);
            case Str s -> {
                int from = s.offset(i);
                yield s.part(from, from + Character.charCount(s.text().codePointAt(from)));
            }
            default -> null;
        };
    }

    /** An attribute proper, undefined if the sandbox forbids it, null if there is none. */
    static @Nullable Value own(Value object, String name) {
        if (object instanceof Namespace n) {
            Value value = n.attributes().get(Str.of(name));
            return value != null && name.startsWith("_") ? Undefined.unsafe(object, name) : value;
        }
        if (INTERNAL.contains(name) || (SUBSCRIPTABLE.contains(name) && Iteration.length(object) >= 0)) {
            return Undefined.unsafe(object, name);
        }
        return switch (object) {
            case Undefined u -> throw u.failure();
            case Str s -> StrMethods.bind(s, name);
            case Dict d -> DICT_WRITERS.contains(name) ? Undefined.unsafe(d, name) : Methods.bind(d, name);
            case Seq s when s.isList() && LIST_WRITERS.contains(name) -> Undefined.unsafe(s, name);
            case Seq s -> Methods.bind(s, name);
            case Loop l -> l.attribute(name);
            case Macro m -> macro(m, name);
            case Range r -> range(r, name);
            case Cycler c -> cycler(c, name);
            case Value.Int i -> Methods.number(i, name);
            case Value.Bool b -> Methods.number(Value.Int.of(b.isTrue() ? 1 : 0), name);
            case Value.Real r -> Methods.number(r, name);
            case Function f when f.equals(Globals.DICT) && name.equals("fromkeys") -> Globals.FROM_KEYS;
            default -> null;
        };
    }

    private static @Nullable Value macro(Macro macro, String name) {
        return switch (name) {
            case "name" -> macro.name() == null ? Value.None.NONE : Str.of(macro.name());
            case "arguments" ->
                Seq.tuple(macro.signature().parameters().stream()
                        .<Value>map(p -> Str.of(p.name()))
                        .toList());
            case "catch_kwargs" -> Value.Bool.of(macro.plan().kwargs() != null);
            case "catch_varargs" -> Value.Bool.of(macro.plan().varargs() != null);
            case "caller" -> Value.Bool.of(macro.plan().caller() != null);
            case "explicit_caller" ->
                Value.Bool.of(macro.signature().parameters().stream()
                        .anyMatch(p -> p.name().equals("caller")));
            default -> null;
        };
    }

    private static @Nullable Value range(Range range, String name) {
        return switch (name) {
            case "start" -> Value.Int.of(range.start());
            case "stop" -> Value.Int.of(range.stop());
            case "step" -> Value.Int.of(range.step());
            default -> null;
        };
    }

    private static @Nullable Value cycler(Cycler cycler, String name) {
        return switch (name) {
            case "current" -> cycler.current();
            case "pos" -> Value.Int.of(cycler.position());
            case "items" -> Seq.tuple(cycler.items());
            case "next" -> new Function("next", cycler, (in, args) -> cycler.next());
            case "reset" ->
                new Function("reset", cycler, (in, args) -> {
                    cycler.reset();
                    return Value.None.NONE;
                });
            default -> null;
        };
    }
}
