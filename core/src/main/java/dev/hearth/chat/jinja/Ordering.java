package dev.hearth.chat.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;

/** {@code <} and its kin as Python has them. */
final class Ordering {
    private static final int UNORDERED = 2; // a NaN took part

    private Ordering() {}

    /** Sign of the difference of two numbers, {@link #UNORDERED} if one is NaN. */
    static int numbers(Value a, Value b) {
        if (a instanceof Value.Real x && b instanceof Value.Real y) {
            return doubles(x.value(), y.value());
        }
        if (a instanceof Value.Real x) {
            int reversed = mixed(integer(b), x.value());
            return reversed == UNORDERED ? UNORDERED : -reversed;
        }
        if (b instanceof Value.Real y) {
            return mixed(integer(a), y.value());
        }
        return integer(a).compareTo(integer(b)); // BigInteger gives a sign, never 2
    }

    private static int doubles(double a, double b) {
        if (Double.isNaN(a) || Double.isNaN(b)) {
            return UNORDERED;
        }
        return a < b ? -1 : a > b ? 1 : 0;
    }

    private static int mixed(BigInteger a, double b) {
        if (Double.isNaN(b) || Double.isInfinite(b)) {
            return Double.isNaN(b) ? UNORDERED : b > 0 ? -1 : 1;
        }
        if (a.bitLength() > Double.MAX_EXPONENT + 1) {
            return a.signum();
        }
        return new BigDecimal(a).compareTo(new BigDecimal(b));
    }

    /** The integer of an int or a bool. */
    static BigInteger integer(Value value) {
        return switch (value) {
            case Value.Int i -> i.value();
            case Value.Bool b -> b.isTrue() ? BigInteger.ONE : BigInteger.ZERO;
            default -> throw new Failure("'" + value.typeName() + "' object cannot be interpreted as an integer");
        };
    }

    /** {@code a < b}, {@code <=}, {@code >} or {@code >=}. @throws Failure for what has no order */
    static boolean holds(Budget budget, String operator, Value a, Value b) {
        int sign = compare(budget, operator, a, b);
        if (sign == UNORDERED) {
            return false;
        }
        return switch (operator) {
            case "<" -> sign < 0;
            case "<=" -> sign <= 0;
            case ">" -> sign > 0;
            default -> sign >= 0;
        };
    }

    private static int compare(Budget budget, String operator, Value a, Value b) {
        if (Equality.isNumber(a) && Equality.isNumber(b)) {
            return numbers(a, b);
        }
        if (a instanceof Str x && b instanceof Str y) {
            budget.scan(Math.min(x.text().length(), y.text().length()));
            return Integer.signum(x.compareTo(y));
        }
        if (a instanceof Seq x && b instanceof Seq y && x.isList() == y.isList()) {
            return sequences(budget, operator, x.items(), y.items());
        }
        if (a instanceof Undefined u) {
            throw u.failure();
        }
        if (b instanceof Undefined u) {
            throw u.failure();
        }
        throw new Failure("'" + operator + "' not supported between instances of '" + a.typeName() + "' and '"
                + b.typeName() + "'");
    }

    private static int sequences(Budget budget, String operator, List<Value> a, List<Value> b) {
        budget.enter();
        int result = Integer.compare(a.size(), b.size());
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            budget.step();
            if (!Equality.equal(budget, a.get(i), b.get(i))) {
                result = compare(budget, operator, a.get(i), b.get(i));
                break;
            }
        }
        budget.leave();
        return result;
    }

    /** Whether {@code a < b}. */
    static boolean isLess(Budget budget, Value a, Value b) {
        return holds(budget, "<", a, b);
    }
}
