package dev.hearth.conformance;

import dev.hearth.spi.Activation;

/**
 * A number in double precision and how far binary32 may honestly be from it, sums being taken in any order. An infinite error
 * claims nothing, as where binary32 may overflow; NaN with another error has to be NaN.
 */
record Bounded(double value, double error) {
    static final Bounded ZERO = new Bounded(0, 0);

    private static final double SURE = Expected.HUGE / 4;
    private static final double U = Expected.U;
    private static final double TINY = Expected.TINY;

    Bounded {
        boolean claimed =
                Double.isNaN(value) ? error != Double.POSITIVE_INFINITY : Math.abs(value) <= SURE && error <= SURE;
        error = !claimed ? Double.POSITIVE_INFINITY : Double.isNaN(value) ? 0 : error;
    }

    static Bounded exact(double value) {
        return new Bounded(value, 0);
    }

    static Bounded[] exact(float[] values, int from, int count) {
        Bounded[] all = new Bounded[count];
        java.util.Arrays.setAll(all, i -> exact(values[from + i]));
        return all;
    }

    boolean isClaimed() {
        return error != Double.POSITIVE_INFINITY;
    }

    private Bounded with(double result, double resultError) {
        return new Bounded(result, isClaimed() ? resultError : Double.POSITIVE_INFINITY);
    }

    private Bounded with(Bounded other, double result, double resultError) {
        return new Bounded(result, isClaimed() && other.isClaimed() ? resultError : Double.POSITIVE_INFINITY);
    }

    Bounded plus(Bounded other) {
        double sum = value + other.value;
        return with(other, sum, error + other.error + U * Math.abs(sum));
    }

    Bounded minus(Bounded other) {
        return plus(new Bounded(-other.value, other.error));
    }

    Bounded times(Bounded other) {
        double product = value * other.value;
        double inherited = Math.abs(value) * other.error + Math.abs(other.value) * error + error * other.error;
        return with(other, product, inherited + U * Math.abs(product) + TINY);
    }

    /** The quotient; nothing where the error of the divisor reaches half of it. */
    Bounded over(Bounded other) {
        double quotient = value / other.value;
        double divisor = Math.abs(other.value);
        double inherited = (error + Math.abs(quotient) * other.error) / (divisor - other.error);
        boolean sure = other.error <= divisor / 2;
        return with(other, quotient, sure ? inherited + U * Math.abs(quotient) + TINY : Double.POSITIVE_INFINITY);
    }

    /** The greater one. */
    Bounded max(Bounded other) {
        return with(other, Math.max(value, other.value), Math.max(error, other.error));
    }

    /** Within [low, high]. */
    Bounded clamp(double low, double high) {
        return with(Math.max(low, Math.min(high, value)), error);
    }

    /** An error of the argument becomes a relative one; the function adds two units in the last place, 4 U. */
    Bounded exp() {
        double e = Math.exp(value);
        return with(e, e * (Math.expm1(error) + 4 * U) + 2 * TINY);
    }

    /** log(1 + exp(x)), whose slope is at most that at the end of the interval. */
    Bounded softplus() {
        double v = value > 40 ? value : Math.log1p(Math.exp(value));
        double slope = 1 / (1 + Math.exp(-(value + error)));
        return with(v, slope * error + 12 * U * v + 2 * TINY);
    }

    /** 1 / (1 + exp(-x)), whose exponential may saturate above 88. */
    Bounded sigmoid() {
        double v = 1 / (1 + Math.exp(-value));
        double exponential = 1 / (1 + Math.exp(value)) * (Math.expm1(error) + 4 * U);
        return with(v, v * (exponential + 4 * U) + 1e-38);
    }

    Bounded silu() {
        double slope = Functions.slope(Activation.SILU, value, error);
        return with(Functions.value(Activation.SILU, value), Functions.error(Activation.SILU, value) + slope * error);
    }

    /** 1 / sqrt(x); nothing where the error reaches half of x. */
    Bounded inverseRoot() {
        double v = 1 / Math.sqrt(value);
        return with(v, error > value / 2 ? Double.POSITIVE_INFINITY : v * (error / value + 4 * U));
    }

    /** The sum of products. */
    static Bounded dot(Bounded[] a, Bounded[] b) {
        Bounded sum = ZERO;
        double magnitude = 0;
        double error = 0;
        for (int i = 0; i < a.length; i++) {
            Bounded term = a[i].times(b[i]);
            sum = sum.with(term, sum.value + term.value, 0);
            magnitude += Math.abs(term.value);
            error += term.error;
        }
        return sum.with(
                sum.value, magnitude > SURE ? Double.POSITIVE_INFINITY : error + (a.length + 1) * U * magnitude);
    }
}
