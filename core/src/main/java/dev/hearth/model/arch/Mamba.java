package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.layer.RmsNorm;
import dev.hearth.layer.TokenMixer;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.MambaConfig;
import dev.hearth.model.MambaWeights;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Mamba, and Falcon Mamba, which norms steps and projections: nothing but selective state spaces. arXiv:2312.00752, section 3; arXiv:2410.05355, section 2. */
public final class Mamba implements Architecture {
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
        MambaConfig.first(
                c,
                file.has("intermediate_size") // falcon_mamba's expand says something else
                        ? file.requiredInteger("intermediate_size")
                        : (long) file.integer("expand").orElse(2) * c.hiddenSize(),
                file.integer("state_size").orElse(16),
                file.integer("conv_kernel").orElse(4),
                MambaConfig.rank(file, "time_step_rank", c.hiddenSize()));
        if (file.string("model_type").orElse("").equals("falcon_mamba")) {
            MambaConfig.plainNorms(c, file.number("mixer_rms_eps").orElse(1e-6));
        }
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        c.withoutAttention();
        MambaConfig.first(c, file);
        if (file.flag("ssm.dt_b_c_rms", false)) {
            MambaConfig.plainNorms(
                    c, file.number("attention.layer_norm_rms_epsilon").orElse(1e-5));
        }
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
        var plan = new LayerPlan(c);
        var embedding = w.embedding("token_embd", c.vocabSize(), c.hiddenSize());
        var blocks = w.blocks(
                "blk",
                c.layerCount(),
                b -> new Block(
                        b.rmsNorm("attn_norm", c.hiddenSize()),
                        new MambaWeights(c, b).first(plan.recurrent(b.index()))));
        return new Decoder(
                embedding,
                blocks,
                w.rmsNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private record Block(RmsNorm norm, TokenMixer mixer) implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            return mixer.forward(norm.addThenNorm(residual, delta, step), step);
        }
    }
}
