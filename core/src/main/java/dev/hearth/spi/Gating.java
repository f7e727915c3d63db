package dev.hearth.spi;

/** How the inner products of a feed-forward layer become one. */
public sealed interface Gating {
    /** {@code activation(up)}: there is no gate; see {@link Ops#activate}. */
    record Ungated(Activation activation) implements Gating {}

    /** {@code activation(gate) * up}; see {@link Ops#gate}. */
    record Activated(Activation activation) implements Gating {}

    /**
     * {@code (u + 1) * (g * sigmoid(alpha * g))} with {@code g = min(gate, limit)} and u = up within -limit to limit; see
     * {@link Ops#clampedGate}. OpenAI 2025, arXiv:2508.10925, section 2.1.
     *
     * @param alpha factor within the sigmoid
     * @param limit bound of both inputs, above 0
     */
    record Clamped(float alpha, float limit) implements Gating {
        /** Checks that the numbers mean something. */
        public Clamped {
            if (!(limit > 0) || !Float.isFinite(limit) || !Float.isFinite(alpha)) {
                throw new IllegalArgumentException(
                        "gate: expected a limit above 0 and a finite alpha, found " + limit + " and " + alpha);
            }
        }
    }
}
