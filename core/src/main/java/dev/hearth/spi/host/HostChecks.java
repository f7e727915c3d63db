package dev.hearth.spi.host;

import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;

/** Whether the tensors and weights of an operation fit one another. */
final class HostChecks {
    private HostChecks() {}

    static HostWeight host(String operation, Weight weight) {
        if (weight instanceof HostWeight host) {
            return host;
        }
        throw new IllegalArgumentException(operation + ": expected a weight of this device, found "
                + weight.getClass().getName());
    }

    static void column(String operation, Tensor integers) {
        check(operation, integers.type() == DType.I32 && integers.width() == 1, "expected I32 [n, 1], found", integers);
    }

    static void same(String operation, Tensor a, Tensor b) {
        check(operation, a.shape().equals(b.shape()) && a.type() == DType.F32 && b.type() == DType.F32, a, b);
    }

    /* One for each number of things, for an array of them would be made at every call. */
    static void check(String operation, boolean fits, Object a) {
        if (!fits) {
            throw misfit(operation, a);
        }
    }

    static void check(String operation, boolean fits, Object a, Object b) {
        if (!fits) {
            throw misfit(operation, a, b);
        }
    }

    static void check(String operation, boolean fits, Object a, Object b, Object c) {
        if (!fits) {
            throw misfit(operation, a, b, c);
        }
    }

    static void check(String operation, boolean fits, Object... what) {
        if (!fits) {
            throw misfit(operation, what);
        }
    }

    static IllegalArgumentException misfit(String operation, Object... what) {
        StringBuilder message = new StringBuilder(operation).append(": these do not fit each other:");
        for (Object o : what) {
            message.append(' ').append(o instanceof HostWeight w ? w.name() + " " + w.type() + " " + w.shape() : o);
        }
        return new IllegalArgumentException(message.toString());
    }
}
