package dev.hearth.chat.jinja;

import java.util.Iterator;

/** Truth, comparison and membership. */
final class Operators {
    private Operators() {}

    /** {@code bool(value)}. */
    static boolean isTrue(Value value) {
        return switch (value) {
            case Value.None n -> false;
            case Value.Bool b -> b.isTrue();
            case Value.Int i -> i.value().signum() != 0;
            case Value.Real r -> r.value() != 0;
            case Str s -> !s.isEmpty();
            default -> Iteration.length(value) != 0;
        };
    }

    /** One comparison of a chain, by jinja2's operator. */
    static boolean compare(Interpreter in, String operator, Value left, Value right) {
        return switch (operator) {
            case "==" -> Equality.equal(in.budget(), left, right);
            case "!=" -> !Equality.equal(in.budget(), left, right);
            case "in" -> contains(in, right, left);
            case "not in" -> !contains(in, right, left);
            default -> Ordering.holds(in.budget(), operator, left, right);
        };
    }

    /** {@code item in container}. */
    static boolean contains(Interpreter in, Value container, Value item) {
        return switch (container) {
            case Str s -> {
                if (!(item instanceof Str part)) {
                    throw new Failure("'in <string>' requires string as left operand, not " + item.typeName());
                }
                yield Search.indexOf(in.budget(), s.text(), part.text(), 0) >= 0;
            }
            case Dict d -> d.get(item) != null;
            case View v when v.kind() == View.Kind.KEYS -> v.dict().get(item) != null;
            default -> {
                if (!Iteration.isIterable(container)) {
                    throw new Failure("argument of type '" + container.typeName() + "' is not iterable");
                }
                yield isAmong(in, item, Iteration.over(in, container));
            }
        };
    }

    private static boolean isAmong(Interpreter in, Value item, Iterator<Value> items) {
        while (items.hasNext()) {
            Value other = items.next();
            if (Equality.isSame(other, item) || Equality.equal(in.budget(), other, item)) {
                return true;
            }
        }
        return false;
    }
}
