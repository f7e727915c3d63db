package dev.hearth.chat.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The filters that make numbers. */
final class NumberFilters {
    private NumberFilters() {}

    static void addTo(Map<String, Filters.Filter> filters) {
        filters.put("abs", NumberFilters::absolute);
        filters.put("int", NumberFilters::integer);
        filters.put("float", NumberFilters::real);
        filters.put("round", NumberFilters::round);
    }

    private static Value absolute(Interpreter in, Value value, Args args) {
        args.bind("abs", 0);
        return switch (value) {
            case Value.Int i -> new Value.Int(i.value().abs());
            case Value.Bool b -> new Value.Int(Ordering.integer(b));
            case Value.Real r -> new Value.Real(Math.abs(r.value()));
            case Undefined u -> throw new Failure("bad operand type for abs(): 'Undefined'");
            default -> throw new Failure("bad operand type for abs(): '" + value.typeName() + "'");
        };
    }

    private static Value integer(Interpreter in, Value value, Args args) {
        @Nullable Value[] bound = args.bind("do_int", 0, "default", "base");
        Value otherwise = bound[0] == null ? Value.Int.of(0) : bound[0];
        BigInteger result = switch (value) {
            case Value.Int i -> i.value();
            case Value.Bool b -> Ordering.integer(b);
            case Value.Real r -> whole(r.value());
            case Str s -> ofText(s.text(), Params.integer(bound[1], 10));
            case Undefined u -> throw u.failure();
            default -> null;
        };
        return result == null ? otherwise : new Value.Int(result);
    }

    private static @Nullable BigInteger whole(double value) {
        if (Double.isInfinite(value)) {
            throw new Failure("cannot convert float infinity to integer");
        }
        return Double.isNaN(value) ? null : Numbers.truncated(value);
    }

    private static @Nullable BigInteger ofText(String text, int base) {
        BigInteger exact = base == 0 || (base >= 2 && base <= 36) ? Numbers.parse(text, base) : null;
        Double real = exact == null ? Numbers.parseFloat(text) : null;
        if (real == null || Double.isNaN(real) || Double.isInfinite(real)) {
            return exact;
        }
        return Numbers.truncated(real);
    }

    private static Value real(Interpreter in, Value value, Args args) {
        Value given = args.bind("do_float", 0, "default")[0];
        Value otherwise = given == null ? new Value.Real(0) : given;
        if (value instanceof Str s) {
            Double parsed = Numbers.parseFloat(s.text());
            return parsed == null ? otherwise : new Value.Real(parsed);
        }
        if (value instanceof Undefined u) {
            throw u.failure();
        }
        return Equality.isNumber(value) ? new Value.Real(Arithmetic.toDouble(value)) : otherwise;
    }

    private static Value round(Interpreter in, Value value, Args args) {
        @Nullable Value[] bound = args.bind("do_round", 0, "precision", "method");
        Value precision = bound[0] == null ? Value.Int.of(0) : bound[0];
        String method = bound[1] instanceof Str s ? s.text() : bound[1] == null ? "common" : "";
        if (value instanceof Undefined u) {
            throw u.failure();
        }
        return switch (method) {
            case "common" -> rounded(value, precision);
            case "ceil", "floor" -> {
                Value scale = Arithmetic.binary(in, "**", Value.Int.of(10), precision);
                Value scaled = Arithmetic.binary(in, "*", value, scale);
                if (!Equality.isNumber(scaled)) {
                    throw new Failure("must be real number, not " + scaled.typeName());
                }
                yield Arithmetic.binary(in, "/", towards(scaled, method.equals("ceil")), scale);
            }
            default -> throw new Failure("method must be common, ceil or floor");
        };
    }

    private static Value towards(Value value, boolean up) {
        if (!(value instanceof Value.Real r)) {
            return new Value.Int(Ordering.integer(value));
        }
        BigInteger whole = whole(up ? Math.ceil(r.value()) : Math.floor(r.value()));
        if (whole == null) {
            throw new Failure("cannot convert float NaN to integer");
        }
        return new Value.Int(whole);
    }

    /** {@code round(value, precision)}: halves of the exact value go to even. */
    private static Value rounded(Value value, Value precision) {
        if (!Equality.isNumber(value)) {
            throw new Failure("type " + value.typeName() + " doesn't define __round__ method");
        }
        boolean isReal = value instanceof Value.Real;
        if (precision == Value.None.NONE && isReal) {
            BigInteger whole = whole(Math.rint(Arithmetic.toDouble(value)));
            if (whole == null) {
                throw new Failure("cannot convert float NaN to integer");
            }
            return new Value.Int(whole);
        }
        int digits = precision == Value.None.NONE ? 0 : Params.integer(precision, 0);
        if (!isReal) {
            return roundedInteger(Ordering.integer(value), digits);
        }
        double real = Arithmetic.toDouble(value);
        if (digits > 340 || real == 0 || Double.isNaN(real) || Double.isInfinite(real)) {
            return value;
        }
        if (digits < -310) {
            return new Value.Real(Math.copySign(0.0, real));
        }
        double result =
                new BigDecimal(real).setScale(digits, RoundingMode.HALF_EVEN).doubleValue();
        if (Double.isInfinite(result)) {
            throw new Failure("rounded value too large to represent");
        }
        return new Value.Real(result == 0 ? Math.copySign(0.0, real) : result);
    }

    private static Value roundedInteger(BigInteger value, int digits) {
        if (digits >= 0) {
            return new Value.Int(value);
        }
        if (digits < -Budget.MAX_BITS) {
            return Value.Int.of(0);
        }
        return new Value.Int(
                new BigDecimal(value).setScale(digits, RoundingMode.HALF_EVEN).toBigInteger());
    }
}
