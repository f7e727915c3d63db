package dev.hearth.chat.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** The arithmetic operators, which join and repeat sequences too. */
final class Arithmetic {
    private static final int EXACT_BITS = 53;

    private Arithmetic() {}

    /** {@code left operator right}. */
    static Value binary(Interpreter in, String operator, Value left, Value right) {
        if (operator.equals("%") && left instanceof Str format) {
            return PercentFormat.format(in, format, right);
        }
        if (left instanceof Undefined u) {
            throw u.failure();
        }
        if (right instanceof Undefined u) {
            throw u.failure();
        }
        if (Equality.isNumber(left) && Equality.isNumber(right)) {
            return left instanceof Value.Real || right instanceof Value.Real
                    ? new Value.Real(reals(operator, toDouble(left), toDouble(right)))
                    : integers(in.budget(), operator, Ordering.integer(left), Ordering.integer(right));
        }
        if (operator.equals("+")) {
            return joined(in, left, right);
        }
        if (operator.equals("*")) {
            if (isSequence(left) && (right instanceof Value.Int || right instanceof Value.Bool)) {
                return repeated(in, left, Ordering.integer(right));
            }
            if (isSequence(right) && (left instanceof Value.Int || left instanceof Value.Bool)) {
                return repeated(in, right, Ordering.integer(left));
            }
            if (isSequence(left) || isSequence(right)) {
                throw new Failure("can't multiply sequence by non-int of type '"
                        + (isSequence(left) ? right : left).typeName() + "'");
            }
        }
        throw unsupported(operator, left, right);
    }

    private static Failure unsupported(String operator, Value left, Value right) {
        String shown = operator.equals("**") ? "** or pow()" : operator;
        return new Failure("unsupported operand type(s) for " + shown + ": '" + left.typeName() + "' and '"
                + right.typeName() + "'");
    }

    private static boolean isSequence(Value value) {
        return value instanceof Str || value instanceof Seq;
    }

    /** {@code +value} or {@code -value}. */
    static Value sign(boolean negative, Value value) {
        return switch (value) {
            case Value.Real r -> negative ? new Value.Real(-r.value()) : r;
            case Value.Int i -> negative ? new Value.Int(i.value().negate()) : i;
            case Value.Bool b -> Value.Int.of(b.isTrue() ? (negative ? -1 : 1) : 0);
            case Undefined u -> throw u.failure();
            default ->
                throw new Failure(
                        "bad operand type for unary " + (negative ? "-" : "+") + ": '" + value.typeName() + "'");
        };
    }

    private static Value joined(Interpreter in, Value left, Value right) {
        if (left instanceof Str a && right instanceof Str b) {
            boolean markup = a.isMarkup() || b.isMarkup();
            Str first = markup ? Html.escape(in.budget(), a) : a;
            Str second = markup ? Html.escape(in.budget(), b) : b;
            Str sum = new Text(in.budget()).add(first).add(second).toStr();
            return markup ? sum.asMarkup() : sum;
        }
        if (left instanceof Seq a && right instanceof Seq b && a.isList() == b.isList()) {
            in.budget().elements((long) a.size() + b.size());
            List<Value> items = new ArrayList<>(a.size() + b.size());
            items.addAll(a.items());
            items.addAll(b.items());
            return a.isList() ? Seq.list(items) : Seq.tuple(items);
        }
        if (left instanceof Str) {
            throw new Failure("can only concatenate str (not \"" + right.typeName() + "\") to str");
        }
        if (left instanceof Seq a) {
            String name = a.isList() ? "list" : "tuple";
            throw new Failure("can only concatenate " + name + " (not \"" + right.typeName() + "\") to " + name);
        }
        throw unsupported("+", left, right);
    }

    private static Value repeated(Interpreter in, Value sequence, BigInteger times) {
        int size = sequence instanceof Str s ? s.text().length() : ((Seq) sequence).size();
        if (times.signum() <= 0 || size == 0) {
            return sequence instanceof Str s ? Str.EMPTY.like(s) : new Seq(List.of(), ((Seq) sequence).kind());
        }
        if (times.bitLength() > 31) {
            throw new Failure("cannot fit 'int' into an index-sized integer");
        }
        int n = times.intValueExact();
        if (sequence instanceof Str s) {
            in.budget().chars((long) n * size);
            var text = new Text(in.budget());
            for (int i = 0; i < n; i++) {
                text.add(s);
            }
            return text.toStr().like(s);
        }
        Seq seq = (Seq) sequence;
        in.budget().elements((long) n * size);
        List<Value> items = new ArrayList<>(n * size);
        for (int i = 0; i < n; i++) {
            items.addAll(seq.items());
        }
        return new Seq(items, seq.isList() ? Seq.Kind.LIST : Seq.Kind.TUPLE);
    }

    /** {@code float(number)}. */
    static double toDouble(Value value) {
        if (value instanceof Value.Real r) {
            return r.value();
        }
        double result = Ordering.integer(value).doubleValue();
        if (Double.isInfinite(result)) {
            throw new Failure("int too large to convert to float");
        }
        return result;
    }

    private static Value integers(Budget budget, String operator, BigInteger a, BigInteger b) {
        budget.multiply(a.bitLength(), b.bitLength());
        return switch (operator) {
            case "+" -> new Value.Int(a.add(b));
            case "-" -> new Value.Int(a.subtract(b));
            case "*" -> new Value.Int(a.multiply(b));
            case "/" -> new Value.Real(quotient(a, b));
            case "//" -> new Value.Int(floor(a, b)[0]);
            case "%" -> new Value.Int(floor(a, b)[1]);
            default -> power(budget, a, b);
        };
    }

    private static double quotient(BigInteger a, BigInteger b) {
        if (b.signum() == 0) {
            throw new Failure("division by zero");
        }
        if (a.bitLength() <= EXACT_BITS && b.bitLength() <= EXACT_BITS) {
            return a.doubleValue() / b.doubleValue();
        }
        // enough bits that the last one can stand for the whole remainder
        int shift = Math.max(0, b.bitLength() - a.bitLength() + 4 * EXACT_BITS);
        BigInteger[] parts = a.abs().shiftLeft(shift).divideAndRemainder(b.abs());
        BigInteger rounded = parts[1].signum() == 0 ? parts[0] : parts[0].setBit(0);
        double result = Math.scalb(rounded.doubleValue(), -shift) * a.signum() * b.signum();
        if (Double.isInfinite(result)) {
            throw new Failure("integer division result too large for a float");
        }
        return result;
    }

    /** Quotient and remainder, the remainder with the sign of the divisor. */
    private static BigInteger[] floor(BigInteger a, BigInteger b) {
        if (b.signum() == 0) {
            throw new Failure("integer division or modulo by zero");
        }
        BigInteger[] parts = a.divideAndRemainder(b);
        if (parts[1].signum() != 0 && parts[1].signum() != b.signum()) {
            parts[0] = parts[0].subtract(BigInteger.ONE);
            parts[1] = parts[1].add(b);
        }
        return parts;
    }

    private static Value power(Budget budget, BigInteger a, BigInteger b) {
        if (b.signum() < 0) {
            return new Value.Real(reals("**", toDouble(new Value.Int(a)), toDouble(new Value.Int(b))));
        }
        if (a.abs().compareTo(BigInteger.ONE) <= 0) {
            boolean isOne = a.signum() > 0 || b.signum() == 0 || (a.signum() < 0 && !b.testBit(0));
            return new Value.Int(isOne ? BigInteger.ONE : a);
        }
        if (b.bitLength() > 31 || (long) (a.abs().bitLength() - 1) * b.intValueExact() > Budget.MAX_BITS) {
            throw new Failure("an integer of more than " + Budget.MAX_BITS + " bits");
        }
        long bits = (long) a.abs().bitLength() * b.intValueExact();
        budget.multiply(bits, bits);
        return new Value.Int(a.pow(b.intValueExact()));
    }

    private static double reals(String operator, double a, double b) {
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> {
                if (b == 0) {
                    throw new Failure("float division by zero");
                }
                yield a / b;
            }
            case "//" -> floor(a, b)[0];
            case "%" -> floor(a, b)[1];
            default -> power(a, b);
        };
    }

    /** CPython's {@code float_divmod}. */
    private static double[] floor(double a, double b) {
        if (b == 0) {
            throw new Failure("float floor division by zero");
        }
        double remainder = a % b;
        double quotient = (a - remainder) / b;
        if (remainder == 0) {
            remainder = Math.copySign(0.0, b);
        } else if ((b < 0) != (remainder < 0)) {
            remainder += b;
            quotient -= 1;
        }
        if (quotient == 0) {
            return new double[] {Math.copySign(0.0, a / b), remainder};
        }
        double whole = Math.floor(quotient);
        return new double[] {quotient - whole > 0.5 ? whole + 1 : whole, remainder};
    }

    private static double power(double a, double b) {
        if (a == 1 || b == 0) {
            return 1; // also for NaN
        }
        if (a == 0 && b < 0) {
            throw new Failure("0.0 cannot be raised to a negative power");
        }
        if (a < 0 && b != Math.rint(b) && !Double.isInfinite(a) && !Double.isInfinite(b)) {
            throw new Failure("complex numbers are not supported");
        }
        if (a == -1 && Double.isInfinite(b)) {
            return 1;
        }
        double result = Math.pow(a, b);
        if (Double.isInfinite(result) && !Double.isInfinite(a) && !Double.isInfinite(b)) {
            throw new Failure("(34, 'Numerical result out of range')");
        }
        return result;
    }
}
