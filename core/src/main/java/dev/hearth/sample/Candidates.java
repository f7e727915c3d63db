package dev.hearth.sample;

import java.util.Arrays;

/**
 * Tokens that may still be drawn, in order of their ids, with logits and weights; a weight is a probability up to a common
 * factor. Each step keeps a part and leaves the order. Not thread-safe.
 */
final class Candidates {
    private static final double LEAST_EXPONENT = -708; // exp is still a normal number there
    private static final double HALVINGS = 4096; // 2^12, as many as the squarings in exp

    private final RankCut cut;
    private int[] tokens = {};
    private float[] logits = {};
    private double[] weights = {};
    private int count;

    Candidates(RankCut cut) {
        this.cut = cut;
    }

    /** Empties it, with room for so many. */
    void clear(int capacity) {
        count = 0;
        if (tokens.length < capacity) {
            tokens = new int[capacity];
            logits = new float[capacity];
            weights = new double[capacity];
        }
    }

    /** Appends the tokens of a range of a row whose logit is at least {@code bound} and above negative infinity. */
    void gather(float[] row, int start, int end, double bound) {
        int n = count;
        for (int token = start; token < end; token++) {
            float logit = row[token];
            if (logit >= bound && logit > Float.NEGATIVE_INFINITY) {
                tokens[n] = token;
                logits[n++] = logit;
            }
        }
        count = n;
    }

    /** How many. */
    int count() {
        return count;
    }

    /** The token at an index below {@link #count}. */
    int token(int index) {
        return tokens[index];
    }

    /** The logit at an index below {@link #count}. */
    float logit(int index) {
        return logits[index];
    }

    /** Keeps the {@code k} largest logits, lowest ids first among equals. Weights are void afterwards. */
    void keepLargest(int k) {
        if (k < count) {
            Arrays.fill(weights, 0, count, 1);
            keepHeaviest(k);
        }
    }

    /** Sets the weights to exp((logit - max) / temperature), {@code max} being the largest logit. */
    void weigh(float max, double temperature) {
        exponentials(logits, max, temperature, weights, count);
    }

    /**
     * Keeps the fewest tokens, largest logits first, that hold at least a share of all weight; at least one.
     *
     * @param share from 0, below 1
     */
    void keepShare(double share) {
        double total = total();
        double slack = (1 - share) * total;
        // Fewer than count tokens, each lighter than slack / count, are lighter than slack together: all are cut. Half,
        // for rounding.
        double negligible = slack / count / 2;
        int n = 0;
        for (int i = 0; i < count; i++) {
            if (weights[i] >= negligible) {
                move(i, n++);
            }
        }
        count = n;
        keepHeaviest(Math.max(share * total, Double.MIN_VALUE));
    }

    /** Keeps tokens with a logit of at least {@code bound}. */
    void keepFrom(double bound) {
        int n = 0;
        for (int i = 0; i < count; i++) {
            if (logits[i] >= bound) {
                move(i, n++);
            }
        }
        count = n;
    }

    private void keepHeaviest(double target) {
        cut.find(logits, weights, count, target);
        double reached = cut.above();
        int n = 0;
        for (int i = 0; i < count; i++) {
            int key = RankCut.key(logits[i]);
            if (key > cut.key()) {
                move(i, n++);
            } else if (key == cut.key() && reached < target) {
                reached += weights[i];
                move(i, n++);
            }
        }
        count = n;
    }

    private void move(int from, int to) {
        tokens[to] = tokens[from];
        logits[to] = logits[from];
        weights[to] = weights[from];
    }

    /** The weights, summed in order of the ids. */
    double total() {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += weights[i];
        }
        return sum;
    }

    /** The first token, in order of the ids, at which the running sum of weights reaches a share of their total. */
    int inverse(double uniform) {
        double target = uniform * total();
        double sum = 0;
        for (int i = 0; i < count - 1; i++) {
            sum += weights[i];
            if (sum >= target) {
                return tokens[i];
            }
        }
        return tokens[count - 1];
    }

    /**
     * {@code out[i] = exp((values[i] - max) / temperature)} for values up to {@code max}, within 1e-12 of the true value, relative, down
     * to exponents of -200, and never 0.
     */
    /*
     * exp(x) = exp(x / 4096)^4096: a Taylor polynomial, then twelve squarings. Only sums and products, so that it rounds the same on
     * every machine, which Math.exp doesn't, and the compiler makes vectors of it, which it can't of StrictMath.exp or of a power of
     * two put together from bits. Squaring doubles relative errors, hence 4096 half units of double: 5e-13.
     */
    static void exponentials(float[] values, double max, double temperature, double[] out, int count) {
        for (int i = 0; i < count; i++) {
            double x = Math.max((values[i] - max) / temperature, LEAST_EXPONENT) / HALVINGS;
            double p = 1 / 40320.0;
            p = p * x + 1 / 5040.0;
            p = p * x + 1 / 720.0;
            p = p * x + 1 / 120.0;
            p = p * x + 1 / 24.0;
            p = p * x + 1 / 6.0;
            p = p * x + 0.5;
            p = p * x + 1;
            p = p * x + 1;
            p *= p; // 2
            p *= p; // 4
            p *= p; // 8
            p *= p; // 16
            p *= p; // 32
            p *= p; // 64
            p *= p; // 128
            p *= p; // 256
            p *= p; // 512
            p *= p; // 1024
            p *= p; // 2048
            out[i] = p * p;
        }
    }
}
