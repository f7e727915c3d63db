package dev.hearth.sample;

import java.util.BitSet;

/**
 * Draws from a whole row of logits, or from its nucleus, and reads few of them: by rejection under the largest logits of blocks. Not
 * thread-safe.
 *
 * <p>A block of n tokens whose largest weight is m has the bound n * m; a weight is exp((logit - max) / temperature). A try takes two
 * random numbers: u finds the first block at which the running sum of bounds reaches u times their total, v the first of its tokens at
 * which the running sum of weights reaches v times its bound. If there is none, or the token isn't in the nucleus, the next try follows.
 */
/*
 * So each try gives a token with its weight's share of all bounds: those that succeed follow the weights, and nobody has to know their total (von Neumann 1951,
 * "Various techniques used in connection with random digits"). It takes 128 tries at most, on average, where one token has all weight, and each costs two random numbers; a
 * block is weighed once. SamplerBenchmark measures it. Whether a token is in the nucleus is seldom a close question either: the bounds answer it for most tokens.
 */
final class BlockDraw {
    /** The first of its random numbers; those before are {@link TokenDraw}'s. */
    static final int FIRST_NUMBER = 2;

    private static final double LEVEL_STEP = 2; // nats
    private static final double LIKELY = 3 * LEVEL_STEP; // that a try or a nucleus goes no further down

    private double[] bounds = {};
    private double[] reached = {}; // running sums of the bounds
    private double[] sums = {}; // running sums of weights, from the start of each block
    private boolean[] weighed = {};
    private final LogitBlocks row;
    private double temperature;

    BlockDraw(LogitBlocks row) {
        this.row = row;
    }

    /** A token of the row that was scanned last; {@code share} is the nucleus's, 1 for all. */
    int token(double heat, double share, long seed, int choice, int position) {
        begin(heat);
        double total = reached[row.count() - 1];
        for (int number = FIRST_NUMBER; ; number += 2) {
            int block = first(reached, 0, row.count(), Philox.uniform(seed, choice, position, number) * total);
            weigh(block);
            double target = Philox.uniform(seed, choice, position, number + 1) * bounds[block];
            int token = first(sums, row.start(block), row.end(block), Math.max(target, Double.MIN_VALUE));
            if (token < row.end(block) && (share == 1 || isAmongFirst(token, share))) {
                return token;
            }
        }
    }

    /** Notes the blocks that {@link #token} is likely to read. */
    void foresee(double heat, long seed, int choice, int position, BitSet noted) {
        begin(heat);
        double total = reached[row.count() - 1];
        noted.set(first(reached, 0, row.count() - 1, Philox.uniform(seed, choice, position, FIRST_NUMBER) * total));
        row.note(row.max() - LIKELY * heat, noted);
    }

    /** Has tokens weighed at a temperature from here on. */
    void begin(double heat) {
        temperature = heat;
        int count = row.count();
        if (bounds.length < count) {
            bounds = new double[count];
            reached = new double[count];
            weighed = new boolean[count];
        }
        if (sums.length < row.end(count - 1)) {
            sums = new double[row.end(count - 1)];
        }
        Candidates.exponentials(row.maxima(), 0, count, row.max(), heat, bounds);
        double sum = 0;
        for (int block = 0; block < count; block++) {
            weighed[block] = false;
            bounds[block] *= row.maxima()[block] == Float.NEGATIVE_INFINITY ? 0 : row.end(block) - row.start(block);
            sum += bounds[block];
            reached[block] = sum;
        }
    }

    /** The first index of [from, to) at which ascending values reach a target; {@code to} if none does. */
    private static int first(double[] ascending, int from, int to, double target) {
        int low = from;
        int high = to;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ascending[middle] >= target) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private void weigh(int block) {
        if (weighed[block]) {
            return;
        }
        weighed[block] = true;
        float[] logits = row.fetched(block);
        Candidates.exponentials(logits, row.start(block), row.end(block), row.max(), temperature, sums);
        double sum = 0;
        for (int i = row.start(block); i < row.end(block); i++) {
            sum += logits[i] == Float.NEGATIVE_INFINITY ? 0 : sums[i];
            sums[i] = sum;
        }
    }

    /**
     * Whether the tokens before it, largest logits first, lowest ids first among equals, hold less than a share of all weight. Blocks are
     * weighed from the largest down until what the others can hold makes no difference.
     */
    boolean isAmongFirst(int token, double share) {
        float logit = row.logit(token);
        for (double nats = LEVEL_STEP; ; nats += LEVEL_STEP) {
            double level =
                    nats > -Candidates.LEAST_EXPONENT ? Double.NEGATIVE_INFINITY : row.max() - nats * temperature;
            double before = 0;
            double after = 0; // the token's own too
            double most = 0; // of blocks that are not weighed
            double least = 0;
            for (int block = 0; block < row.count(); block++) {
                if (row.maxima()[block] >= level) {
                    weigh(block);
                    double whole = sums[row.end(block) - 1];
                    double part = row.maxima()[block] < logit ? 0 : before(token, logit, block);
                    before += part;
                    after += whole - part;
                } else {
                    most += bounds[block];
                    least += bounds[block] / (row.end(block) - row.start(block));
                }
            }
            boolean knowsBefore = level <= logit;
            if ((before + (knowsBefore ? 0 : most)) * (1 - share) < share * (after + (knowsBefore ? least : 0))) {
                return true;
            }
            if (before * (1 - share) >= share * (after + most)) {
                return false;
            }
        }
    }

    /** The weight of a block's tokens that come before another. */
    private double before(int token, float logit, int block) {
        float[] logits = row.fetched(block);
        double sum = 0;
        double last = 0;
        for (int i = row.start(block); i < row.end(block); i++) {
            if (logits[i] > logit || logits[i] == logit && i < token) {
                sum += sums[i] - last;
            }
            last = sums[i];
        }
        return sum;
    }
}
