package dev.hearth.sample;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Log-softmax of one row of logits, of which only the normaliser is kept: {@code logprob(t) = (logit(t) - max) - ln(sum of
 * exp(logit - max))}, the sum in double. Within 1e-11 of the exact value, and the same on every machine. Belongs to one
 * row and one scratch, for as long as the row is unchanged. Not thread-safe.
 */
public final class Logprobs {
    private final float[] logits;
    private final SampleScratch scratch;
    private final double max;
    private final double logSum;

    private Logprobs(float[] logits, SampleScratch scratch, double max, double logSum) {
        this.logits = logits;
        this.scratch = scratch;
        this.max = max;
        this.logSum = logSum;
    }

    /**
     * Reads a row, [vocabulary], once.
     *
     * @throws SamplingException if it holds NaN or positive infinity, or nothing above negative infinity
     */
    public static Logprobs of(float[] logits, SampleScratch scratch) {
        scratch.blocks.scan(logits);
        LogitCheck.usable(scratch.blocks, "logprobs");
        float max = scratch.blocks.max();
        scratch.blocks.gather(Double.NEGATIVE_INFINITY, scratch.candidates);
        scratch.candidates.weigh(max, 1);
        return new Logprobs(logits, scratch, max, StrictMath.log(scratch.candidates.total()));
    }

    /**
     * The logprob of a token; negative infinity if its logit is.
     *
     * @throws IndexOutOfBoundsException if the row has no such token
     */
    public double at(int token) {
        return logits[token] - max - logSum;
    }

    /**
     * The likeliest tokens, most likely first, lowest id first among equals; fewer if the row has fewer above negative infinity.
     *
     * @throws IllegalArgumentException if {@code count} is negative or exceeds the row
     */
    public List<TokenLogprob> top(int count) {
        if (count < 0 || count > logits.length) {
            throw new IllegalArgumentException(
                    "logprobs: top: expected 0 to " + logits.length + " tokens, found " + count);
        }
        if (count == 0) {
            return List.of();
        }
        return likeliest(logits, count, scratch)
                .mapToObj(token -> new TokenLogprob(token, at(token)))
                .toList();
    }

    /** The tokens with the largest values of a row, largest first, lowest id first among equals; those at negative infinity never. */
    static IntStream likeliest(float[] row, int count, SampleScratch scratch) {
        Candidates best = scratch.candidates;
        scratch.blocks.scan(row); // whoever shares the scratch may have scanned another row since
        scratch.blocks.gather(scratch.blocks.reachedBy(count), best);
        best.keepLargest(count);
        long[] ranks = new long[best.count()];
        for (int i = 0; i < ranks.length; i++) {
            // ascending: larger logits first, then lower ids
            ranks[i] = (long) ~RankCut.key(best.logit(i)) << 32 | best.token(i);
        }
        Arrays.sort(ranks);
        return Arrays.stream(ranks).mapToInt(rank -> (int) rank);
    }
}
