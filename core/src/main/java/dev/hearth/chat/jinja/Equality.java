package dev.hearth.chat.jinja;

import java.math.BigDecimal;
import java.util.List;

/** {@code ==} and hashing as Python has them. */
final class Equality {
    private Equality() {}

    /** What a dict files a key under: equal for keys that Python holds for equal. @throws Failure for what cannot be hashed */
    static Object key(Value value) {
        return switch (value) {
            case Str s -> s;
            case Value.Int i -> i.value();
            case Value.Bool b -> Ordering.integer(b);
            case Value.Real r -> real(r.value());
            case Seq s when !s.isList() -> TupleKey.of(s);
            case Undefined u -> Undefined.class;
            default -> {
                if (!isHashable(value)) {
                    throw unhashable(value);
                }
                yield value;
            }
        };
    }

    static Object real(double value) {
        boolean isWhole = value == Math.rint(value) && !Double.isInfinite(value);
        return isWhole ? new BigDecimal(value).toBigInteger() : (Object) value;
    }

    static Failure unhashable(Value value) {
        return new Failure("unhashable type: '" + value.typeName() + "'");
    }

    /** Whether a value that isn't a tuple can be a key. */
    static boolean isHashable(Value value) {
        return switch (value) {
            case Seq s -> !s.isList();
            case Dict d -> false;
            case View v -> v.kind() == View.Kind.VALUES;
            default -> true;
        };
    }

    /** {@code a is b}. */
    @SuppressWarnings("ReferenceEquality") // identity is what Python asks for here, too
    static boolean isSame(Value a, Value b) {
        return a == b;
    }

    /** {@code a == b}. */
    static boolean equal(Budget budget, Value a, Value b) {
        if (isSame(a, b) && !(a instanceof Value.Real)) {
            return true;
        }
        budget.enter();
        boolean equal = compare(budget, a, b);
        budget.leave();
        return equal;
    }

    private static boolean compare(Budget budget, Value a, Value b) {
        if (isNumber(a) && isNumber(b)) {
            return Ordering.numbers(a, b) == 0;
        }
        if (a instanceof Str x && b instanceof Str y) {
            budget.scan(Math.min(x.text().length(), y.text().length()));
            return x.text().equals(y.text());
        }
        if (a instanceof Seq x && b instanceof Seq y) {
            return x.isList() == y.isList() && sequences(budget, x.items(), y.items());
        }
        if (a instanceof Dict x && b instanceof Dict y) {
            return dicts(budget, x, y);
        }
        if (a instanceof Range x && b instanceof Range y) {
            return x.size() == y.size()
                    && (x.size() == 0 || (x.start() == y.start() && (x.size() == 1 || x.step() == y.step())));
        }
        if (a instanceof View x && b instanceof View y && x.kind() == y.kind() && x.kind() != View.Kind.VALUES) {
            return x.kind() == View.Kind.ITEMS
                    ? dicts(budget, x.dict(), y.dict())
                    : sameKeys(budget, x.dict(), y.dict());
        }
        return a instanceof Undefined && b instanceof Undefined;
    }

    private static boolean sequences(Budget budget, List<Value> a, List<Value> b) {
        if (a.size() != b.size()) {
            return false;
        }
        for (int i = 0; i < a.size(); i++) {
            budget.step();
            if (!equal(budget, a.get(i), b.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean dicts(Budget budget, Dict a, Dict b) {
        if (a.size() != b.size()) {
            return false;
        }
        for (Dict.Entry entry : a.entries()) {
            budget.step();
            Value other = b.get(entry.key());
            if (other == null || !equal(budget, entry.value(), other)) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameKeys(Budget budget, Dict a, Dict b) {
        budget.scan(32L * a.size());
        return a.size() == b.size() && a.entries().stream().allMatch(e -> b.get(e.key()) != null);
    }

    static boolean isNumber(Value value) {
        return value instanceof Value.Int || value instanceof Value.Real || value instanceof Value.Bool;
    }
}
