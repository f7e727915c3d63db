package dev.hearth.conformance;

/** How near a backend's results must come. */
public sealed interface Exactness {
    /** Every bit as the specification, {@link dev.hearth.spi.reference.ScalarKernels}. Any NaN counts as any other. */
    Exactness BITS = new Bits();

    /** The one that claims less. */
    static Exactness lesser(Exactness a, Exactness b) {
        return a instanceof Within(double x) && !(b instanceof Within(double y) && y > x) ? a : b;
    }

    /** The bits of the specification. */
    record Bits() implements Exactness {}

    /**
     * Each value within a multiple of the error that binary32 arithmetic can make in that operation in any order of summation,
     * measured from a double-precision result. Rows must still come out the same bits whatever else is in the call.
     *
     * @param factor of the bound; at least 1
     */
    record Within(double factor) implements Exactness {
        /** A factor of at least 1. */
        public Within {
            if (!(factor >= 1)) {
                throw new IllegalArgumentException("exactness: expected a factor of at least 1, found " + factor);
            }
        }
    }
}
