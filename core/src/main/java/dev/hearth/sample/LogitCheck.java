package dev.hearth.sample;

/** Refuses rows that no token can be drawn from, rather than let token 0 stand for them. */
final class LogitCheck {
    private LogitCheck() {}

    /** Throws if the row that was scanned has a NaN, a positive infinity, or nothing but negative infinities. */
    static void usable(LogitBlocks blocks, String place) {
        float max = blocks.max();
        if (max == Float.NEGATIVE_INFINITY) {
            throw new SamplingException(place + ": expected a token to choose from, found every logit at -Infinity;"
                    + " check what the model computed, and what bias and processors rule out");
        }
        if (Float.isNaN(max) || max == Float.POSITIVE_INFINITY) {
            throw new SamplingException(place + ": expected logits below infinity, found " + max + " at token "
                    + blocks.argmax() + "; the weights or the precision they are computed with are at fault");
        }
    }
}
