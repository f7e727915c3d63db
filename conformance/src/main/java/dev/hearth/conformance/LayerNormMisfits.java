package dev.hearth.conformance;

import static dev.hearth.conformance.Misfits.foreign;
import static dev.hearth.conformance.Misfits.half;
import static dev.hearth.conformance.Misfits.ones;

import dev.hearth.spi.Activation;
import dev.hearth.spi.NormSpec;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Calls of layer norms and of element-wise operations that must be refused. */
final class LayerNormMisfits {
    private static final NormSpec EIGHT = new NormSpec(8, 1e-5f);

    private final Misfits misfits;

    LayerNormMisfits(Misfits misfits) {
        this.misfits = misfits;
    }

    void layerNorm() {
        misfits.refuse("a weight that is too short", b -> norm(b, b.output(2, 8), null, b.vector(new float[7]), null));
        misfits.refuse(
                "a bias that is too short",
                b -> norm(b, b.output(2, 8), null, b.vector(new float[8]), b.vector(new float[7])));
        misfits.refuse("results of another shape", b -> norm(b, b.output(3, 8), null, b.vector(new float[8]), null));
        misfits.refuse(
                "a delta of another shape", b -> norm(b, b.output(2, 8), ones(b, 2, 16), b.vector(new float[8]), null));
        misfits.refuse("an F16 result", b -> norm(b, half(b, 2, 8), null, b.vector(new float[8]), null));
        misfits.refuse("an F16 weight", b -> norm(b, b.output(2, 8), null, halfVector(b), null));
        misfits.refuse("an F16 bias", b -> norm(b, b.output(2, 8), null, b.vector(new float[8]), halfVector(b)));
        misfits.refuse("a foreign weight", b -> norm(b, b.output(2, 8), null, foreign(8), null));
        misfits.refuse("a foreign bias", b -> norm(b, b.output(2, 8), null, b.vector(new float[8]), foreign(8)));
        misfits.refuse(
                "groups that don't fill a row",
                b -> b.ops()
                        .layerNorm(
                                b.output(2, 12),
                                b.inOut(new float[2][12], 12),
                                null,
                                b.vector(new float[8]),
                                null,
                                EIGHT));
        misfits.refuse(
                "groups of none",
                b -> b.ops()
                        .layerNorm(
                                b.output(2, 8),
                                b.inOut(new float[2][8], 8),
                                null,
                                b.vector(),
                                null,
                                new NormSpec(0, 1e-5f)));
    }

    private static void norm(Bench b, Tensor out, @Nullable Tensor delta, Weight weight, @Nullable Weight bias) {
        b.ops().layerNorm(out, b.inOut(new float[2][8], 8), delta, weight, bias, EIGHT);
    }

    private static Weight halfVector(Bench bench) {
        return bench.weight(Matrix.random(DType.F16, 1, 8, new Draw(1)));
    }

    void scale() {
        misfits.refuse("F16 rows", b -> b.ops().scale(half(b, 2, 8), 2));
    }

    void activate() {
        for (Activation activation : Activation.values()) {
            misfits.refuse("F16 rows, " + activation, b -> b.ops().activate(half(b, 2, 8), activation));
        }
    }
}
