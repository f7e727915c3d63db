package dev.hearth.conformance;

import dev.hearth.spi.Activation;

/** Activation functions in double precision, and how far binary32 may honestly be from them. */
final class Functions {
    private Functions() {}

    static double value(Activation activation, double x) {
        return switch (activation) {
            case SILU, GELU_TANH, QUICK_GELU -> x / (1 + Math.exp(-argument(activation, x)));
            case GELU -> x * normal(x);
            case RELU -> Math.max(x, 0);
            case RELU_SQUARED -> Math.max(x, 0) * Math.max(x, 0);
            case SIGMOID -> 1 / (1 + Math.exp(-x));
        };
    }

    /** Greatest error, the argument being exact. */
    static double error(Activation activation, double x) {
        double value = Math.abs(value(activation, x));
        // exp multiplies an absolute error of its argument into a relative one of its value, which is at most 2 ulp of
        // its own; above 1e38 it may saturate
        return switch (activation) {
            case SILU -> value * 8 * Expected.U + Math.abs(x) * 1e-38;
            case GELU_TANH, QUICK_GELU -> {
                double argument = Math.abs(argument(activation, x));
                yield value * (8 + 8 * Math.min(argument, 110)) * Expected.U + Math.abs(x) * 1e-38;
            }
            case GELU -> {
                double tail = normal(-Math.abs(x));
                double tailError = tail * (20 + 2 * Math.min(x * x, 210)) * Expected.U + 1e-38;
                yield Math.abs(x) * tailError + 2 * value * Expected.U;
            }
            case RELU -> 0;
            case RELU_SQUARED -> value * Expected.U;
            case SIGMOID -> value * 8 * Expected.U + 1e-38;
        };
    }

    /** A bound on the slope between x - error and x + error. */
    static double slope(Activation activation, double x, double error) {
        return activation == Activation.RELU_SQUARED ? 2 * (Math.abs(x) + error) : 1.13;
    }

    /** What x / (1 + exp(-argument)) takes the exponential of. */
    private static double argument(Activation activation, double x) {
        return switch (activation) {
            case SILU -> x;
            case QUICK_GELU -> 1.702 * x;
            default -> 2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
        };
    }

    /** The normal distribution function: a series for small arguments, Laplace's continued fraction for the tails. */
    static double normal(double x) {
        double density = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
        if (Math.abs(x) < 3) {
            double term = x;
            double sum = x;
            for (int k = 1; k < 60; k++) {
                term *= x * x / (2 * k + 1);
                sum += term;
            }
            return 0.5 + density * sum;
        }
        double fraction = Math.abs(x);
        for (int k = 80; k >= 1; k--) {
            fraction = Math.abs(x) + k / fraction;
        }
        double tail = density / fraction;
        return x < 0 ? tail : Double.isNaN(x) ? x : 1 - tail;
    }
}
