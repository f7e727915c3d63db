package dev.hearth.spi.reference;

import dev.hearth.spi.Gating;

/** The functions and sums that every backend rounds alike; see {@link dev.hearth.spi.Ops}. */
public final class ScalarMath {
    private static final float LOG2_E = 0x1.715476p0f;
    private static final float LN2_HIGH = 0x1.62e4p-1f; // 15 bits, so that n * LN2_HIGH is exact
    private static final float LN2_LOW = 0x1.7f7d1cp-20f; // ln 2 - LN2_HIGH
    private static final float GELU_SCALE = 0x1.988454p-1f; // sqrt(2 / pi)
    private static final float GELU_CUBIC = 0.044715f;

    private ScalarMath() {}

    /**
     * e to the x, within 2 units in the last place: x = n ln 2 + r, a Taylor polynomial of degree 7 for e^r by Horner's rule in
     * fma, scaled by 2^n in two halves so that nothing overflows early. Saturates to infinity above 89, zero below -104.
     */
    public static float exp(float x) {
        if (Float.isNaN(x)) {
            return x;
        }
        float clamped = x > 89 ? 89 : x < -104 ? -104 : x;
        float n = (float) Math.rint(clamped * LOG2_E);
        float r = Math.fma(n, -LN2_HIGH, clamped);
        r = Math.fma(n, -LN2_LOW, r);
        float p = 1 / 5040f;
        p = Math.fma(p, r, 1 / 720f);
        p = Math.fma(p, r, 1 / 120f);
        p = Math.fma(p, r, 1 / 24f);
        p = Math.fma(p, r, 1 / 6f);
        p = Math.fma(p, r, 0.5f);
        p = Math.fma(p, r, 1);
        p = Math.fma(p, r, 1);
        int whole = (int) n;
        int half = whole >> 1;
        return p * powerOfTwo(half) * powerOfTwo(whole - half);
    }

    private static float powerOfTwo(int exponent) {
        return Float.intBitsToFloat((exponent + 127) << 23);
    }

    /** x / (1 + exp(-x)). */
    public static float silu(float x) {
        return x / (1 + exp(-x));
    }

    /** x / (1 + exp(-2u)), u = sqrt(2 / pi) * fma(0.044715 * x * x, x, x). */
    public static float geluTanh(float x) {
        float u = GELU_SCALE * Math.fma(GELU_CUBIC * x * x, x, x);
        return x / (1 + exp(-2 * u));
    }

    /** (u + 1) * (g / (1 + exp(-(alpha * g)))), both inputs bounded; Math.min and Math.max keep a NaN. */
    public static float clampedGate(float gate, float up, Gating.Clamped gating) {
        float g = Math.min(gate, gating.limit());
        float u = Math.min(Math.max(up, -gating.limit()), gating.limit());
        return (u + 1) * (g / (1 + exp(-(gating.alpha() * g))));
    }

    /**
     * log(1 + exp(x)), x itself above 20. With y = exp(x) and u = 1 + y it is log(u) * y / (u - 1), which makes up for what the
     * sum has lost (Kahan; Goldberg 1991, doi:10.1145/103162.103163, theorem 4), and y where the sum is 1.
     */
    public static float softplus(float x) {
        if (!(x <= 20)) {
            return x;
        }
        float y = exp(x);
        float u = 1 + y;
        return u == 1 ? y : log(u) * y / (u - 1);
    }

    /** Natural logarithm of a normal number from 1 on: Cephes' polynomial of degree 9 around a fraction in [sqrt(1/2), sqrt(2)). */
    private static float log(float u) {
        int bits = Float.floatToRawIntBits(u);
        int e = (bits >> 23) - 126;
        float m = Float.intBitsToFloat(bits & 0x7fffff | 0x3f000000); // in [1/2, 1)
        if (m < 0.70710677f) {
            e--;
            m += m;
        }
        float x = m - 1;
        float z = x * x;
        float p = 0.070376836f;
        p = Math.fma(p, x, -0.1151461f);
        p = Math.fma(p, x, 0.116769984f);
        p = Math.fma(p, x, -0.12420141f);
        p = Math.fma(p, x, 0.14249323f);
        p = Math.fma(p, x, -0.16668057f);
        p = Math.fma(p, x, 0.20000714f);
        p = Math.fma(p, x, -0.24999994f);
        p = Math.fma(p, x, 0.3333333f);
        p = p * x * z;
        p = Math.fma((float) e, -0.00021219444f, p);
        p = Math.fma(z, -0.5f, p);
        return Math.fma((float) e, 0.6933594f, x + p);
    }

    /** cap * (1 - 2 / (exp(2 * (x / cap)) + 1)). */
    public static float softcap(float x, float cap) {
        return cap * (1 - 2 / (exp(2 * (x / cap)) + 1));
    }

    /** Folds sixteen partial sums as {@link dev.hearth.spi.Ops} says; overwrites them. */
    public static float fold16(float[] s) {
        for (int i = 0; i < 8; i++) {
            s[i] += s[i + 8];
        }
        return fold8(s);
    }

    /** The number, or zero of its sign where it is below 2^-126 in magnitude; NaN stays NaN. */
    public static float normal(float x) {
        return Math.abs(x) < Float.MIN_NORMAL ? Math.copySign(0f, x) : x;
    }

    /** Folds the first eight of {@code s}; overwrites them. */
    public static float fold8(float[] s) {
        for (int i = 0; i < 4; i++) {
            s[i] += s[i + 4];
        }
        return (s[0] + s[2]) + (s[1] + s[3]);
    }
}
