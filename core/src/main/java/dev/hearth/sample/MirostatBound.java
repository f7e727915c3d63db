package dev.hearth.sample;

/** {@link Mirostat} for one sequence: its bound on surprise, and what the last draw would make of it. Not thread-safe. */
final class MirostatBound {
    private static final double LN2 = StrictMath.log(2);
    private static final int ESTIMATED_FROM = 100; // the paper's m

    private final Mirostat mirostat;
    private final int vocabSize;
    private final float[] largest = new float[ESTIMATED_FROM];
    private double mu; // bits
    private double logTotal;
    private boolean drawn;
    private int token;
    private double surprise; // bits, of the token drawn

    MirostatBound(Mirostat mirostat, int vocabSize) {
        this.mirostat = mirostat;
        this.vocabSize = vocabSize;
        this.mu = 2 * mirostat.tau();
    }

    /** Cuts candidates that are weighed by {@code max} and {@code temperature}, and leaves them weighed. */
    void cut(Candidates candidates, float max, double temperature) {
        logTotal = StrictMath.log(candidates.total());
        switch (mirostat.version()) {
            case V1 -> {
                candidates.keepLargest(wanted(candidates.largest(largest), temperature));
                candidates.weigh(max, temperature);
            }
            case V2 -> candidates.keepSurprise(mu * LN2, max, temperature);
        }
    }

    /** The paper's k for mu, from how fast the probabilities of the {@code count} likeliest fall. */
    private int wanted(int count, double temperature) {
        double products = 0;
        double squares = 0;
        for (int i = 0; i + 1 < count; i++) {
            double t = StrictMath.log((i + 2) / (double) (i + 1));
            double b = ((double) largest[i] - largest[i + 1]) / temperature; // ln of the probabilities' quotient
            products += t * b;
            squares += t * t;
        }
        if (count < 2) {
            return 1;
        }
        double slope = products / squares;
        double epsilon = slope - 1;
        double mass = epsilon == 0
                ? 1 / StrictMath.log(vocabSize) // the limit
                : epsilon / (1 - StrictMath.pow(vocabSize, -epsilon));
        double k = StrictMath.pow(mass * StrictMath.pow(2, mu), 1 / slope);
        return Math.max(1, (int) Math.min(k, vocabSize)); // 1 for NaN, of equal logits in their limit
    }

    /** Notes what was drawn after a cut; nothing changes unless it is accepted. */
    void drew(int drawnToken, double exponent) {
        drawn = true;
        token = drawnToken;
        surprise = (logTotal - exponent) / LN2;
    }

    /** Learns from the token drawn last, if that is the one accepted. */
    void accept(int accepted) {
        if (drawn && accepted == token) {
            mu -= mirostat.eta() * (surprise - mirostat.tau());
        }
        drawn = false;
    }
}
