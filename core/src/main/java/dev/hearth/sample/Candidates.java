package dev.hearth.sample;

import java.util.Arrays;

/**
 * Tokens that may still be drawn, in order of their ids, with logits and weights; a weight is a probability up to a common
 * factor. Each step keeps a part and leaves the order. Not thread-safe.
 */
final class Candidates {
    static final double LEAST_EXPONENT = -708; // exp is still a normal number there
    private static final double HALVINGS = 4096; // 2^12, as many as the squarings in exp

    private final RankCut cut;
    private int[] tokens = {};
    private float[] logits = {};
    private double[] weights = {};
    private float[] ranks = {};
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
            keepFirst(logits, k);
        }
    }

    /** Sets the weights to exp((logit - max) / temperature), {@code max} being the largest logit. */
    void weigh(float max, double temperature) {
        exponentials(logits, 0, count, max, temperature, weights);
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
        keepFirst(logits, Math.max(share * total, Double.MIN_VALUE));
    }

    /**
     * Keeps the fewest tokens that hold at least a share of all weight, at least one: those first whose surprise is nearest to the
     * entropy, both in nats and their distance rounded to float, and lowest ids first among equals. Expects weights of {@code max} and
     * {@code temperature}.
     */
    void keepTypical(double share, double max, double temperature) {
        if (ranks.length < count) {
            ranks = new float[tokens.length];
        }
        double total = total();
        double logTotal = StrictMath.log(total);
        double entropy = entropy(max, temperature);
        for (int i = 0; i < count; i++) {
            double surprise = logTotal - exponent(logits[i], max, temperature);
            ranks[i] = (float) -Math.abs(surprise - entropy);
        }
        keepFirst(ranks, Math.max(share * total, Double.MIN_VALUE));
    }

    /** Keeps tokens that hold at least a share of all weight each, and in any case those with the largest weight. */
    void keepProbable(double share) {
        double largest = 0;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, weights[i]);
        }
        double bound = Math.min(share * total(), largest);
        int n = 0;
        for (int i = 0; i < count; i++) {
            if (weights[i] >= bound) {
                move(i, n++);
            }
        }
        count = n;
    }

    /** Keeps tokens with a surprise of at most {@code nats}; the one with the largest logit, lowest id among equals, if none has. */
    void keepSurprise(double nats, double max, double temperature) {
        double least = StrictMath.log(total()) - nats;
        int first = 0;
        int n = 0;
        for (int i = 0; i < count; i++) {
            if (logits[i] > logits[first]) {
                first = i;
            }
        }
        boolean none = exponent(logits[first], max, temperature) < least;
        for (int i = 0; i < count; i++) {
            if (none ? i == first : exponent(logits[i], max, temperature) >= least) {
                move(i, n++);
            }
        }
        count = n;
    }

    /** Of the tokens that hold at least a share of all weight each, keeps the last alone: the least logit, the highest id among equals. */
    void dropTop(double share) {
        double bound = share * total();
        int last = -1;
        for (int i = 0; i < count; i++) {
            if (weights[i] >= bound && (last < 0 || logits[i] <= logits[last])) {
                last = i;
            }
        }
        int n = 0;
        for (int i = 0; i < count; i++) {
            if (weights[i] < bound || i == last) {
                move(i, n++);
            }
        }
        count = n;
    }

    /** The largest logits, descending, into {@code out}; returns how many there are, fewer only if so few tokens are left. */
    int largest(float[] out) {
        int n = 0;
        for (int i = 0; i < count; i++) {
            float logit = logits[i];
            if (n == out.length && logit <= out[n - 1]) {
                continue;
            }
            int place = n < out.length ? n++ : n - 1;
            while (place > 0 && out[place - 1] < logit) {
                out[place] = out[place - 1];
                place--;
            }
            out[place] = logit;
        }
        return n;
    }

    /** The entropy, in nats, of the probabilities that weights of {@code max} and {@code temperature} stand for. */
    double entropy(double max, double temperature) {
        double sum = 0;
        double moment = 0;
        for (int i = 0; i < count; i++) {
            sum += weights[i];
            moment += weights[i] * exponent(logits[i], max, temperature);
        }
        return StrictMath.log(sum) - moment / sum;
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

    /** Keeps the first in descending order of {@code order} until their weights reach a target. */
    private void keepFirst(float[] order, double target) {
        cut.find(order, weights, count, target);
        double reached = cut.above();
        int n = 0;
        for (int i = 0; i < count; i++) {
            int key = RankCut.key(order[i]);
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

    /** The logarithm of a token's weight. */
    static double exponent(float logit, double max, double temperature) {
        return Math.max((logit - max) / temperature, LEAST_EXPONENT);
    }

    /**
     * {@code out[i] = exp((values[i] - max) / temperature)} for i of [from, to) and values up to {@code max}, within 1e-12 of the true value, relative, down
     * to exponents of -200, and never 0.
     */
    /*
     * exp(x) = exp(x / 4096)^4096: a Taylor polynomial, then twelve squarings. Only sums and products, so that it rounds the same on
     * every machine, which Math.exp doesn't, and the compiler makes vectors of it, which it can't of StrictMath.exp or of a power of
     * two put together from bits. Squaring doubles relative errors, hence 4096 half units of double: 5e-13.
     */
    static void exponentials(float[] values, int from, int to, double max, double temperature, double[] out) {
        for (int i = from; i < to; i++) {
            double x = exponent(values[i], max, temperature) / HALVINGS;
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
