package dev.hearth.quantize;

/**
 * The scale and offset that make {@code scale * q + offset}, q from 0 to {@code most}, come closest to some values, by the sum of
 * squares. Found as in {@link SymmetricFit}. After {@link #fit} the result is in {@link #scale} and {@link #offset}.
 */
final class AffineFit {
    private static final float STEP = 0.1f;
    private static final float LOWEST =
            -0.6f; // tries begin where the range is this many levels too short for the values
    private static final int TRIES = 18;
    private static final int REFINEMENTS = 2;

    /** What the offset may be. */
    enum Offset {
        ANY,
        /** Never above zero: the K types store its negative without a sign. */
        NOT_POSITIVE
    }

    private final int most;
    private final Offset kind;

    float scale;
    float offset;
    private float candidateScale;
    private float candidateOffset;
    private double bestError;

    AffineFit(int most, Offset kind) {
        this.most = most;
        this.kind = kind;
    }

    void fit(float[] x, int from, int count) {
        float low = x[from];
        float high = x[from];
        for (int i = 1; i < count; i++) {
            low = Math.min(low, x[from + i]);
            high = Math.max(high, x[from + i]);
        }
        if (kind == Offset.NOT_POSITIVE) {
            low = Math.min(low, 0);
            high = Math.max(high, low);
        }
        scale = (high - low) / most;
        offset = low;
        if (!(Halves.inverse(scale) > 0)) {
            scale = 0;
            return;
        }
        bestError = Double.POSITIVE_INFINITY;
        for (int step = 0; step < TRIES; step++) {
            attempt(x, from, count, (most + LOWEST + STEP * step) / (high - low), low);
        }
        if (most <= 3) { // so few levels that it pays to let the lowest value be clipped
            for (int step = 0; step < TRIES; step++) {
                for (int cut = 1; cut <= 3; cut++) {
                    float raised = low + (high - low) * 0.06f * cut;
                    attempt(x, from, count, (most + 2 * LOWEST + 2 * STEP * step) / (high - raised), raised);
                }
            }
        }
        for (int i = 0; i < REFINEMENTS; i++) {
            attempt(x, from, count, Halves.inverse(scale), offset);
        }
    }

    /** Takes the codes that a scale and offset give, and keeps the best scale and offset for these if they are the best so far. */
    private void attempt(float[] x, int from, int count, float inverse, float low) {
        if (!Float.isFinite(inverse)) {
            return;
        }
        double sumX = 0;
        double sumQ = 0;
        double sumXq = 0;
        double sumQq = 0;
        double sumXx = 0;
        for (int i = 0; i < count; i++) {
            float value = x[from + i];
            int q = code((value - low) * inverse, most);
            sumX += value;
            sumQ += q;
            sumXq += (double) value * q;
            sumQq += (double) q * q;
            sumXx += (double) value * value;
        }
        solve(count, sumX, sumQ, sumXq, sumQq);
        double s = candidateScale;
        double o = candidateOffset;
        double error = sumXx + s * s * sumQq + count * o * o + 2 * s * o * sumQ - 2 * s * sumXq - 2 * o * sumX;
        if (s > 0 && error < bestError) {
            bestError = error;
            scale = candidateScale;
            offset = candidateOffset;
        }
    }

    private void solve(int count, double sumX, double sumQ, double sumXq, double sumQq) {
        double determinant = count * sumQq - sumQ * sumQ;
        if (determinant > 0) {
            candidateScale = (float) ((count * sumXq - sumX * sumQ) / determinant);
            candidateOffset = (float) ((sumQq * sumX - sumQ * sumXq) / determinant);
        } else {
            candidateScale = sumQq > 0 ? (float) (sumXq / sumQq) : 0;
            candidateOffset = 0;
        }
        if (kind == Offset.NOT_POSITIVE && candidateOffset > 0) {
            candidateOffset = 0;
            candidateScale = sumQq > 0 ? (float) (sumXq / sumQq) : 0;
        }
    }

    /** The nearest whole number from 0 to {@code most}. */
    static int code(float value, int most) {
        return Math.min(most, Math.max(0, Math.round(value)));
    }

    /** Sum of squared errors under a scale and offset. */
    static double error(float[] x, int from, int count, float scale, float offset, int most) {
        float inverse = Halves.inverse(scale);
        double sum = 0;
        for (int i = 0; i < count; i++) {
            int q = code((x[from + i] - offset) * inverse, most);
            float difference = x[from + i] - (scale * q + offset);
            sum += (double) difference * difference;
        }
        return sum;
    }
}
