package dev.hearth.spi.reference;

import dev.hearth.spi.Activation;

/** The activation functions that every backend rounds alike. */
public final class ScalarActivations {
    private static final float QUICK_SCALE = 1.702f;
    private static final float TAIL_SCALE = 0.3f;

    /*
     * The tail of the normal distribution: for a >= 0 it is exp(-a^2 / 2) * t * P(t), t = 1 / (1 + 0.3 a), with P the polynomial
     * of these coefficients, ascending. Fitted for the least relative error, which is 3.5e-9 for a up to 14.5, where the tail
     * leaves F32. That form is Hastings' (Approximations for Digital Computers, 1955, sheet 44).
     */
    private static final float[] TAIL = {
        0x1.ea3c98p-4f,
        0x1.e9c422p-4f,
        0x1.c3863cp-4f,
        0x1.411572p-4f,
        0x1.89dbeap-4f,
        -0x1.4551e2p-4f,
        0x1.88c686p-3f,
        -0x1.d361ccp-3f,
        0x1.cc8968p-4f,
        -0x1.51e53p-6f
    };

    private ScalarActivations() {}

    /** The function's value. */
    public static float apply(Activation activation, float x) {
        return switch (activation) {
            case SILU -> ScalarMath.silu(x);
            case GELU_TANH -> ScalarMath.geluTanh(x);
            case GELU -> gelu(x);
            case QUICK_GELU -> quickGelu(x);
            case RELU -> relu(x);
            case RELU_SQUARED -> relu(x) * relu(x);
            case SIGMOID -> 1 / (1 + ScalarMath.exp(-x));
        };
    }

    /**
     * x * (1 - tail) for x with sign bit 0, else x * tail: {@code t = 1 / fma(0.3, |x|, 1)}; P(t) by Horner's rule in fma;
     * {@code tail = (t * P) * exp((-0.5 * x) * x)}.
     */
    public static float gelu(float x) {
        float t = 1 / Math.fma(TAIL_SCALE, Math.abs(x), 1);
        float p = TAIL[TAIL.length - 1];
        for (int i = TAIL.length - 2; i >= 0; i--) {
            p = Math.fma(p, t, TAIL[i]);
        }
        float tail = t * p * ScalarMath.exp(-0.5f * x * x);
        return x * (Float.floatToRawIntBits(x) < 0 ? tail : 1 - tail);
    }

    /** x / (1 + exp(-1.702 * x)). */
    public static float quickGelu(float x) {
        return x / (1 + ScalarMath.exp(-QUICK_SCALE * x));
    }

    /** The greater of x and +0; NaN stays. */
    public static float relu(float x) {
        return Math.max(x, 0f);
    }
}
