package dev.hearth.layer;

import dev.hearth.model.DecoderBlock;
import dev.hearth.model.Step;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Llama's block, for families whose particulars leave no room to spell it out: each part takes its input normed. arXiv:2302.13971, section 2.2. */
public record PreNormBlock(Norm mixerNorm, TokenMixer mixer, Norm mlpNorm, FeedForward mlp) implements DecoderBlock {
    @Override
    public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
        var h = mixerNorm.addThenNorm(residual, delta, step);
        h = mixer.forward(h, step);
        h = mlpNorm.addThenNorm(residual, h, step);
        return mlp.forward(h, step);
    }
}
