package dev.hearth.sample;

/**
 * Beam search: after each token the likeliest beginnings go on, whichever they continue. An answer's score is the sum of the log
 * probabilities of its tokens, one that ends it included, divided by their number to the power of the length penalty; the best are given.
 *
 * @param width beginnings that go on together, from 1
 * @param lengthPenalty above 0 favours longer answers, below 0 shorter ones; Hugging Face's length_penalty
 * @param earlyStopping when it ends before the limit of tokens, once {@code width} answers are complete; Hugging Face's early_stopping
 */
public record BeamSearch(int width, double lengthPenalty, EarlyStopping earlyStopping) {
    private static final int MOST_WIDTH = 128;

    /** When a search ends that has enough complete answers. */
    public enum EarlyStopping {
        /** At once; Hugging Face's True. */
        AT_ONCE,
        /** When the likeliest beginning, as long as it is now, scores no more than the worst of them; Hugging Face's False. */
        UNLIKELY_BETTER,
        /** When no beginning could come to score more, had it the length that favours it most; Hugging Face's "never". */
        NEVER_BETTER
    }

    /** @throws IllegalArgumentException if a value is outside its range */
    public BeamSearch {
        ParamCheck.check(width >= 1 && width <= MOST_WIDTH, "BeamSearch: width", "1 to " + MOST_WIDTH, width);
        ParamCheck.check(Double.isFinite(lengthPenalty), "BeamSearch: lengthPenalty", "a finite number", lengthPenalty);
    }

    /** With Hugging Face's defaults: the mean log probability, ending when a better answer is unlikely. */
    public static BeamSearch of(int width) {
        return new BeamSearch(width, 1, EarlyStopping.UNLIKELY_BETTER);
    }

    /** With another penalty. */
    public BeamSearch withLengthPenalty(double value) {
        return new BeamSearch(width, value, earlyStopping);
    }

    /** With another end. */
    public BeamSearch withEarlyStopping(EarlyStopping value) {
        return new BeamSearch(width, lengthPenalty, value);
    }

    /** The score of an answer of so many tokens. */
    double score(double sum, int tokens) {
        return sum / StrictMath.pow(tokens, lengthPenalty);
    }
}
