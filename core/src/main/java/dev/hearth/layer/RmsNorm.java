package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.spi.NormSpec;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Root mean square norm; Zhang and Sennrich 2019, arXiv:1910.07467. */
public final class RmsNorm implements Norm {
    private final Weight weight;
    private final NormSpec spec;

    /** A norm over groups of {@code size} neighbours; weight is F32 [size]. */
    public RmsNorm(Weight weight, int size, float epsilon) {
        this.weight = weight;
        this.spec = new NormSpec(size, epsilon);
    }

    @Override
    public Tensor addThenNorm(Tensor residual, @Nullable Tensor delta, Step step) {
        Tensor out = step.scratch().forLayer(DType.F32, residual.rows(), residual.width());
        step.ops().addNorm(out, residual, delta, weight, spec);
        return out;
    }

    @Override
    public void addThenNormInPlace(Tensor residual, Tensor delta, Step step) {
        step.ops().add(residual, delta);
        step.ops().norm(residual, residual, weight, spec);
    }

    @Override
    public Tensor inPlace(Tensor x, Step step) {
        step.ops().norm(x, x, weight, spec);
        return x;
    }
}
