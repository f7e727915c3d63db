package dev.hearth.chat.jinja;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Reads bound arguments as the Python types that a function needs. */
final class Params {
    private static final BigInteger LIMIT = BigInteger.valueOf(Integer.MAX_VALUE);

    private Params() {}

    /** An integer, {@code otherwise} if absent; beyond 31 bits it is held at their limits. */
    static int integer(@Nullable Value value, int otherwise) {
        return value == null
                ? otherwise
                : Ordering.integer(value).min(LIMIT).max(LIMIT.negate()).intValueExact();
    }

    /** A position as {@code find} and {@code index} take it: None or negative counts from the end, held within the length. */
    static int bound(@Nullable Value value, int length, int otherwise) {
        if (value == null || value == Value.None.NONE) {
            return otherwise;
        }
        int i = integer(value, otherwise);
        return Math.clamp(i < 0 ? (long) i + length : i, 0, length);
    }

    /** The truth of an argument, {@code otherwise} if absent. */
    static boolean flag(@Nullable Value value, boolean otherwise) {
        return value == null ? otherwise : Operators.isTrue(value);
    }

    /** A string that must be one. */
    static Str string(String function, @Nullable Value value) {
        if (value instanceof Str s) {
            return s;
        }
        throw new Failure(function + "() argument must be str, not " + (value == null ? "NoneType" : value.typeName()));
    }

    /** The argument, null too if it is None. */
    static @Nullable Value orNone(@Nullable Value value) {
        return value == Value.None.NONE ? null : value;
    }
}
