package dev.hearth.format.packed;

import dev.hearth.tensor.DType;

/** Chooses the type that packed weights are presented in: that of fewest bits which holds every value exactly. */
final class ExactType {
    private static final int BLOCK = 32; // of Q4_0 and Q8_0
    private static final int BF16_WHOLE = 256; // whole numbers up to here have 8 significant bits

    private ExactType() {}

    /**
     * For whole numbers times scales.
     *
     * @param groups of which group, with a scale of its own, each column is
     * @param least the least of the whole numbers
     * @param greatest the greatest of them
     */
    static DType ofWhole(int[] groups, int least, int greatest, Numbers scales) {
        if (sharesBlocks(groups) && least >= Byte.MIN_VALUE && greatest <= Byte.MAX_VALUE && scales.areHalves()) {
            return least >= -8 && greatest <= 7 ? DType.Q4_0 : DType.Q8_0;
        }
        boolean short8 = least >= -BF16_WHOLE && greatest <= BF16_WHOLE;
        return short8 && scales.arePowersOfTwo() ? DType.BF16 : DType.F32;
    }

    /** For numbers of at most 8 significant bits times scales. */
    static DType ofFloats(Numbers scales) {
        return scales.arePowersOfTwo() ? DType.BF16 : DType.F32;
    }

    /** Whether every block of columns lies in one group. */
    private static boolean sharesBlocks(int[] groups) {
        if (groups.length % BLOCK != 0) {
            return false;
        }
        for (int i = 0; i < groups.length; i++) {
            if (groups[i] != groups[i - i % BLOCK]) {
                return false;
            }
        }
        return true;
    }
}
