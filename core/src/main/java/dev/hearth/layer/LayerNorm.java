package dev.hearth.layer;

import dev.hearth.model.Step;
import dev.hearth.spi.NormSpec;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Layer norm, with or without a bias; Ba and others 2016, arXiv:1607.06450. */
public final class LayerNorm implements Norm {
    private final Weight weight;
    private final @Nullable Weight bias;
    private final NormSpec spec;

    /** A norm over groups of {@code size} neighbours; weight and bias are F32 [size]. */
    public LayerNorm(Weight weight, Optional<Weight> bias, int size, float epsilon) {
        this.weight = weight;
        this.bias = bias.orElse(null);
        this.spec = new NormSpec(size, epsilon);
    }

    @Override
    public Tensor addThenNorm(Tensor residual, @Nullable Tensor delta, Step step) {
        Tensor out = step.scratch().forLayer(DType.F32, residual.rows(), residual.width());
        step.ops().layerNorm(out, residual, delta, weight, bias, spec);
        return out;
    }

    @Override
    public void addThenNormInPlace(Tensor residual, Tensor delta, Step step) {
        step.ops().layerNorm(residual, residual, delta, weight, bias, spec);
    }

    @Override
    public Tensor inPlace(Tensor x, Step step) {
        step.ops().layerNorm(x, x, null, weight, bias, spec);
        return x;
    }
}
