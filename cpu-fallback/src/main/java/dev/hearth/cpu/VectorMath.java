package dev.hearth.cpu;

import dev.hearth.spi.Gating;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The functions and folds of {@link dev.hearth.spi.reference.ScalarMath} on vectors, with the same bits.
 *
 * <p>Every loop of this package runs on one width, {@link #F}, chosen once: the widest that the processor and sixteen lanes
 * allow. Code that must sum into sixteen partial sums passes over its data {@code 16 / LANES} times, once for each vector of
 * sums, so it is written once for 128, 256 and 512 bits. A helper that met vectors of two widths would box them (12 to 26 times
 * slower, JDK 25), hence the static final species and no parameters of vector type that come in two widths.
 */
final class VectorMath {
    /** The width of this machine. */
    static final VectorSpecies<Float> F = species();

    /** Lanes of {@link #F}: 4, 8 or 16. */
    static final int LANES = F.length();

    /** Integers, as many lanes. */
    static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());

    /** At most eight lanes, for sums of eight. */
    static final VectorSpecies<Float> EIGHT = LANES >= 8 ? FloatVector.SPECIES_256 : FloatVector.SPECIES_128;

    private static final VectorSpecies<Float> FOUR = FloatVector.SPECIES_128;

    private static final float LOG2_E = 0x1.715476p0f;
    private static final float LN2_HIGH = 0x1.62e4p-1f;
    private static final float LN2_LOW = 0x1.7f7d1cp-20f;
    private static final float GELU_SCALE = 0x1.988454p-1f;
    private static final float GELU_CUBIC = 0.044715f;

    /* Adding 1.5 * 2^23 leaves no bits behind the point: the sum is rounded to an integer, ties to even, and its low bits are
     * that integer. Exact for |x| below 2^22. */
    private static final float ROUNDER = 0x1.8p23f;
    private static final int ROUNDER_BITS = Float.floatToRawIntBits(ROUNDER);

    private VectorMath() {}

    private static VectorSpecies<Float> species() {
        int bits = Math.clamp(FloatVector.SPECIES_PREFERRED.vectorBitSize(), 128, 512);
        return VectorSpecies.of(float.class, VectorShape.forBitSize(Integer.highestOneBit(bits)));
    }

    /** The nearest integer, ties to even, for |x| below 2^22. */
    static IntVector rint(FloatVector x) {
        return x.add(ROUNDER).reinterpretAsInts().sub(ROUNDER_BITS);
    }

    /** {@link dev.hearth.spi.reference.ScalarMath#exp}. */
    static FloatVector exp(FloatVector x) {
        VectorMask<Float> high = x.compare(VectorOperators.GT, 89f);
        VectorMask<Float> low = x.compare(VectorOperators.LT, -104f);
        FloatVector clamped = x.blend(89f, high).blend(-104f, low);
        FloatVector shifted = clamped.mul(LOG2_E).add(ROUNDER);
        FloatVector n = shifted.sub(ROUNDER);
        FloatVector r = n.fma(FloatVector.broadcast(F, -LN2_HIGH), clamped);
        r = n.fma(FloatVector.broadcast(F, -LN2_LOW), r);
        FloatVector p = FloatVector.broadcast(F, 1 / 5040f);
        p = p.fma(r, FloatVector.broadcast(F, 1 / 720f));
        p = p.fma(r, FloatVector.broadcast(F, 1 / 120f));
        p = p.fma(r, FloatVector.broadcast(F, 1 / 24f));
        p = p.fma(r, FloatVector.broadcast(F, 1 / 6f));
        p = p.fma(r, FloatVector.broadcast(F, 0.5f));
        p = p.fma(r, FloatVector.broadcast(F, 1f));
        p = p.fma(r, FloatVector.broadcast(F, 1f));
        IntVector whole = shifted.reinterpretAsInts().sub(ROUNDER_BITS);
        IntVector half = whole.lanewise(VectorOperators.ASHR, 1);
        return p.mul(powerOfTwo(half)).mul(powerOfTwo(whole.sub(half)));
    }

    private static FloatVector powerOfTwo(IntVector exponent) {
        return exponent.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    }

    /** {@link dev.hearth.spi.reference.ScalarMath#silu}. */
    static FloatVector silu(FloatVector x) {
        return x.div(exp(x.neg()).add(1f));
    }

    /** {@link dev.hearth.spi.reference.ScalarMath#geluTanh}. */
    static FloatVector geluTanh(FloatVector x) {
        FloatVector u = x.mul(GELU_CUBIC).mul(x).fma(x, x).mul(GELU_SCALE);
        return x.div(exp(u.mul(-2f)).add(1f));
    }

    /** {@link dev.hearth.spi.reference.ScalarMath#clampedGate}. */
    static FloatVector clampedGate(FloatVector gate, FloatVector up, Gating.Clamped gating) {
        FloatVector g = gate.min(gating.limit());
        FloatVector u = up.max(-gating.limit()).min(gating.limit());
        return u.add(1f).mul(g.div(exp(g.mul(gating.alpha()).neg()).add(1f)));
    }

    /** {@link dev.hearth.spi.reference.ScalarMath#softcap}. */
    static FloatVector softcap(FloatVector x, float cap) {
        FloatVector e = exp(x.div(cap).mul(2f));
        FloatVector two = FloatVector.broadcast(F, 2f);
        return FloatVector.broadcast(F, 1f).sub(two.div(e.add(1f))).mul(cap);
    }

    /** Folds the sixteen sums from {@code at} on; overwrites them. */
    static float fold16(float[] sums, int at) {
        for (int i = 0; i < 8; i += EIGHT.length()) {
            FloatVector.fromArray(EIGHT, sums, at + i)
                    .add(FloatVector.fromArray(EIGHT, sums, at + i + 8))
                    .intoArray(sums, at + i);
        }
        return fold8(sums, at);
    }

    /** Folds the eight sums from {@code at} on; overwrites them. */
    static float fold8(float[] sums, int at) {
        FloatVector.fromArray(FOUR, sums, at)
                .add(FloatVector.fromArray(FOUR, sums, at + 4))
                .intoArray(sums, at);
        return (sums[at] + sums[at + 2]) + (sums[at + 1] + sums[at + 3]);
    }

    /** {@code size} up to whole groups of sixteen. */
    static int padded(int size) {
        return (size + 15) & -16;
    }

    /** {@link dev.hearth.spi.reference.ScalarMath#normal}. */
    static FloatVector normal(FloatVector x) {
        FloatVector zero = x.reinterpretAsInts().and(Integer.MIN_VALUE).reinterpretAsFloats();
        return x.blend(zero, x.abs().lt(Float.MIN_NORMAL));
    }
}
