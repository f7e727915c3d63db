package dev.hearth.state;

/** What reading a byte from below and computing a token of a prompt have taken of late. One thread. */
public final class LoadCosts {
    private static final double KEPT = 0.9; // of what was measured before

    private final Mean perByte = new Mean();
    private final Mean perToken = new Mean();

    /** A mean whose old parts fade. */
    private static final class Mean {
        private double count;
        private double nanos;

        void add(long moreCount, long moreNanos) {
            count = KEPT * count + moreCount;
            nanos = KEPT * nanos + moreNanos;
        }

        double of(double wanted) {
            return count == 0 ? 0 : wanted * nanos / count;
        }
    }

    /** So many bytes were read in this time. */
    public void read(long bytes, long nanos) {
        perByte.add(bytes, nanos);
    }

    /** So many tokens were computed in this time. */
    public void computed(int tokens, long nanos) {
        perToken.add(tokens, nanos);
    }

    /** Whether reading so many bytes takes less time than computing so many tokens; yes as long as either was never measured. */
    boolean favourReading(long bytes, int tokens) {
        return perByte.count == 0 || perToken.count == 0 || perByte.of((double) bytes) < perToken.of(tokens);
    }
}
