package dev.hearth.layer;

import dev.hearth.model.LayerPlan;
import dev.hearth.model.Step;
import dev.hearth.spi.ConvolutionSpec;
import dev.hearth.spi.Weight;
import dev.hearth.tensor.Tensor;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A causal convolution of each channel with a filter of its own. */
public final class Convolution {
    private final LayerPlan.Recurrent plan;
    private final Weight filter;
    private final @Nullable Weight bias;
    private final ConvolutionSpec spec;

    /** Over a planned layer's state; {@code filter} is F32 [channels, kernelSize], {@code bias} F32 [channels]. */
    public Convolution(LayerPlan.Recurrent plan, Weight filter, Optional<Weight> bias, ConvolutionSpec spec) {
        this.plan = plan;
        this.filter = filter;
        this.bias = bias.orElse(null);
        this.spec = spec;
    }

    /** [tokens, channels] to {@code out} of the same shape, which may be {@code x}. */
    public Tensor into(Tensor out, Tensor x, Step step) {
        step.ops().convolve(out, x, step.recurrent(plan), filter, bias, spec, step.batch());
        return out;
    }
}
