package dev.hearth.sample;

/**
 * Philox4x32-10: random numbers as a function of a counter, without state. Salmon, Moraes, Dror and Shaw 2011, "Parallel random
 * numbers: as easy as 1, 2, 3", SC '11, doi:10.1145/2063384.2063405. Thread-safe.
 *
 * <p>The key is a request's seed and the counter says which number of the request is meant, so what else is in the batch,
 * preemption and speculation don't change a draw.
 */
public final class Philox {
    private static final int ROUNDS = 10;
    private static final long MULTIPLIER_0 = 0xD2511F53L; // the paper's M and W, as in Random123's philox.h
    private static final long MULTIPLIER_1 = 0xCD9E8D57L;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;

    private Philox() {}

    /** The four words at a counter; key word 0 is the low half of {@code key}. */
    public static int[] block(int counter0, int counter1, int counter2, int counter3, long key) {
        int c0 = counter0;
        int c1 = counter1;
        int c2 = counter2;
        int c3 = counter3;
        int k0 = (int) key;
        int k1 = (int) (key >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = MULTIPLIER_0 * (c0 & 0xFFFFFFFFL);
            long product1 = MULTIPLIER_1 * (c2 & 0xFFFFFFFFL);
            c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
            c1 = (int) product1;
            c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
            c3 = (int) product0;
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        return new int[] {c0, c1, c2, c3};
    }

    /**
     * A number strictly between 0 and 1: an odd multiple of 2^-53, from the upper 52 bits of words 1 and 0 of the block at
     * (position, draw, choice, 0).
     *
     * @param seed of the request
     * @param choice which of a request's parallel answers
     * @param position tokens that precede the one to be drawn
     * @param draw which number of those that this token takes; a token's own is 0
     */
    public static double uniform(long seed, int choice, int position, int draw) {
        int[] words = block(position, draw, choice, 0, seed);
        long bits = ((long) words[1] << 32 | words[0] & 0xFFFFFFFFL) >>> 12;
        return (bits + 0.5) * 0x1p-52;
    }
}
