package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.RmsNorm;
import dev.hearth.layer.TokenMixer;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.LayerWeights;
import dev.hearth.model.MambaConfig;
import dev.hearth.model.MambaWeights;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Mamba 2: nothing but state spaces whose heads have one decay each, gated, then normed by group. arXiv:2405.21060, section 7. */
public final class Mamba2 implements Architecture {
    private static final String NAMES = """
            embeddings              token_embd
            norm_f                  output_norm
            layers.{n}.norm         blk.{n}.attn_norm
            """;

    @Override
    public String tensorNames() {
        return NAMES + MambaWeights.names("mixer");
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        MambaConfig.requireSilu(file, "hidden_act");
        c.withoutAttention();
        c.normEpsilon(file.number("layer_norm_epsilon").orElse(1e-5))
                .contextLength(file.integer("max_position_embeddings").orElse(1 << 20)); // it has no end of its own
        long inner = (long) file.integer("expand").orElse(2) * c.hiddenSize();
        int heads = file.integer("num_heads").orElse(128);
        if (inner != (long) heads * file.integer("head_dim").orElse(64)) {
            throw new ModelFormatException(
                    file.at("num_heads"), "expected heads of together " + inner + " channels, found " + heads);
        }
        MambaConfig.second(
                c,
                inner,
                heads,
                file.integer("n_groups").orElse(8),
                file.integer("state_size").orElse(128),
                file.integer("conv_kernel").orElse(4));
        MambaConfig.limits(c, file, "time_step_limit");
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        c.withoutAttention();
        MambaConfig.second(c, file);
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
        var plan = new LayerPlan(c);
        var embedding = w.embedding("token_embd", c.vocabSize(), c.hiddenSize());
        var blocks = w.blocks(
                "blk", c.layerCount(), b -> new Block(b.rmsNorm("attn_norm", c.hiddenSize()), mixer(c, plan, b)));
        return new Decoder(
                embedding,
                blocks,
                w.rmsNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private static TokenMixer mixer(ModelConfig c, LayerPlan plan, LayerWeights b) {
        var weights = new MambaWeights(c, b);
        return weights.second(plan.recurrent(b.index())).withNorm(weights.groupNorms());
    }

    private record Block(RmsNorm norm, TokenMixer mixer) implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            return mixer.forward(norm.addThenNorm(residual, delta, step), step);
        }
    }
}
