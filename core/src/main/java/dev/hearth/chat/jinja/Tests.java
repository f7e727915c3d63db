package dev.hearth.chat.jinja;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** The tests by name: what may follow {@code is}. */
final class Tests {
    private interface Test {
        boolean holds(Interpreter in, Value value);
    }

    private interface Comparison {
        boolean holds(Interpreter in, Value value, Value other);
    }

    private static final Map<String, Test> PLAIN = Map.ofEntries(
            Map.entry("odd", (in, v) -> remainder(in, v, 2, 1)),
            Map.entry("even", (in, v) -> remainder(in, v, 2, 0)),
            Map.entry("defined", (in, v) -> !(v instanceof Undefined)),
            Map.entry("undefined", (in, v) -> v instanceof Undefined),
            Map.entry("filter", (in, v) -> Equality.key(v) instanceof Str s && Filters.exists(s.text())),
            Map.entry("test", (in, v) -> Equality.key(v) instanceof Str s && exists(s.text())),
            Map.entry("none", (in, v) -> v == Value.None.NONE),
            Map.entry("boolean", (in, v) -> v instanceof Value.Bool),
            Map.entry("false", (in, v) -> v == Value.Bool.FALSE),
            Map.entry("true", (in, v) -> v == Value.Bool.TRUE),
            Map.entry("integer", (in, v) -> v instanceof Value.Int),
            Map.entry("float", (in, v) -> v instanceof Value.Real),
            Map.entry("lower", (in, v) -> Casing.isLower(in, Repr.str(in.budget(), v))),
            Map.entry("upper", (in, v) -> Casing.isUpper(in, Repr.str(in.budget(), v))),
            Map.entry("string", (in, v) -> v instanceof Str),
            Map.entry("mapping", (in, v) -> v instanceof Dict),
            Map.entry("number", (in, v) -> Equality.isNumber(v)),
            Map.entry("sequence", (in, v) -> isSequence(v)),
            Map.entry("iterable", (in, v) -> Iteration.isIterable(v)),
            Map.entry("callable", (in, v) -> isCallable(v)),
            Map.entry("escaped", (in, v) -> v instanceof Str s && s.isMarkup()));

    private static final Map<String, Comparison> COMPARISONS = comparisons();

    private Tests() {}

    private static Map<String, Comparison> comparisons() {
        var all = new HashMap<String, Comparison>();
        Map.of("==", "eq equalto", "!=", "ne", ">", "gt greaterthan", ">=", "ge", "<", "lt lessthan", "<=", "le")
                .forEach((operator, names) -> {
                    Comparison comparison = (in, a, b) -> Operators.compare(in, operator, a, b);
                    all.put(operator, comparison);
                    for (String name : names.split(" ")) {
                        all.put(name, comparison);
                    }
                });
        all.put("in", (in, a, b) -> Operators.contains(in, b, a));
        all.put("sameas", (in, a, b) -> isSame(a, b));
        all.put("divisibleby", (in, a, b) -> isZero(Arithmetic.binary(in, "%", a, b)));
        return Map.copyOf(all);
    }

    static boolean exists(String name) {
        return PLAIN.containsKey(name) || COMPARISONS.containsKey(name);
    }

    /** Applies the test of a name. @throws Failure if there is none */
    static Value apply(Interpreter in, String name, Value value, Args args) {
        Test test = PLAIN.get(name);
        if (test != null) {
            args.bind("test_" + name, 0);
            return Value.Bool.of(test.holds(in, value));
        }
        Comparison comparison = COMPARISONS.get(name);
        if (comparison == null) {
            throw new Failure("No test named '" + name + "' found.");
        }
        String parameter = name.equals("divisibleby") ? "num" : name.equals("in") ? "seq" : "other";
        Value other = Objects.requireNonNull(args.bind("test_" + name, 1, parameter)[0]);
        return Value.Bool.of(comparison.holds(in, value, other));
    }

    private static boolean remainder(Interpreter in, Value value, int divisor, int wanted) {
        Value remainder = Arithmetic.binary(in, "%", value, Value.Int.of(divisor));
        return Equality.equal(in.budget(), remainder, Value.Int.of(wanted));
    }

    private static boolean isZero(Value value) {
        return Equality.isNumber(value) && !Operators.isTrue(value);
    }

    private static boolean isSequence(Value value) {
        return value instanceof Str
                || value instanceof Seq
                || value instanceof Dict
                || value instanceof Range
                || value instanceof Undefined;
    }

    private static boolean isCallable(Value value) {
        return value instanceof Function
                || value instanceof Macro
                || value instanceof Loop
                || value instanceof Undefined;
    }

    /** {@code a is b}, as far as CPython shares small integers and equal short literals. */
    private static boolean isSame(Value a, Value b) {
        if (a instanceof Value.Int x && b instanceof Value.Int y) {
            return x.value().equals(y.value()) && x.value().abs().compareTo(BigInteger.valueOf(256)) <= 0;
        }
        if (a instanceof Str x && b instanceof Str y) {
            return x.equals(y);
        }
        return Equality.isSame(a, b);
    }
}
