package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.Attention;
import dev.hearth.layer.GateUp;
import dev.hearth.layer.GatedMlp;
import dev.hearth.layer.Mamba2Mixer;
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
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Falcon-H1: attention and Mamba 2 side by side on the same input, factors everywhere; GGUF files have those in the weights. arXiv:2507.22448, section 2. */
public final class FalconH1 implements Architecture {
    private static final String NORM_FIRST = "mamba_norm_before_gate";
    private static final String ATTENTION_IN = "attention_in_multiplier";
    private static final String ATTENTION_OUT = "attention_out_multiplier";
    private static final String SSM_IN = "ssm_in_multiplier";
    private static final String SSM_OUT = "ssm_out_multiplier";
    private static final String SSM = "ssm_multipliers";
    private static final String MLP = "mlp_multipliers";
    private static final String NAMES = """
            final_layernorm                          output_norm
            layers.{n}.pre_ff_layernorm              blk.{n}.ffn_norm
            layers.{n}.feed_forward.gate_proj        blk.{n}.ffn_gate
            layers.{n}.feed_forward.up_proj          blk.{n}.ffn_up
            layers.{n}.feed_forward.down_proj        blk.{n}.ffn_down
            """;

    @Override
    public String tensorNames() {
        return NAMES + MambaWeights.names("mamba");
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        MambaConfig.requireSilu(file, "hidden_act");
        MambaConfig.hybrid(c, file, file.integer("mamba_d_ssm"));
        c.layers((layer, i) -> layer.withMixer(ModelConfig.Mixer.BOTH))
                .embeddingScale(file.number("embedding_multiplier").orElse(1))
                .logitScale(file.number("lm_head_multiplier").orElse(1))
                .attentionScale(file.number("key_multiplier").orElse(1) / Math.sqrt(c.headDim()))
                .setting(NORM_FIRST, file.flag(NORM_FIRST, true) ? 1 : 0)
                .setting(SSM, factors(file, SSM, 5))
                .setting(MLP, factors(file, MLP, 2));
        for (String factor : List.of(ATTENTION_IN, ATTENTION_OUT, SSM_IN, SSM_OUT)) {
            c.setting(factor, file.number(factor).orElse(1));
        }
    }

    private static List<Double> factors(Fields file, String key, int count) {
        List<Double> factors = file.numbers(key).orElse(Collections.nCopies(count, 1.0));
        if (factors.size() != count) {
            throw new ModelFormatException(file.at(key), "expected " + count + " numbers, found " + factors.size());
        }
        return factors;
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        c.layers((layer, i) -> layer.withMixer(ModelConfig.Mixer.BOTH));
        MambaConfig.second(c, file);
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
        var plan = new LayerPlan(c);
        var embedding = w.embedding("token_embd", c.vocabSize(), c.hiddenSize());
        var blocks = w.blocks("blk", c.layerCount(), b -> block(c, plan, b));
        return new Decoder(
                embedding,
                blocks,
                w.rmsNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private static Block block(ModelConfig c, LayerPlan plan, LayerWeights b) {
        var mlp = c.has(MLP) ? c.numbers(MLP) : List.of(1.0, 1.0);
        var norm = b.hasTensor("ffn_norm") ? "ffn_norm" : "ffn_norm.weight"; // llama.cpp's converter leaves the end out
        var attention = Attention.of(
                plan.layer(b.index()),
                b.qkv("attn_q", "attn_k", "attn_v"),
                b.linear("attn_output", c.hiddenSize(), c.queryWidth()));
        var gateUp = b.gateUp("ffn_gate", "ffn_up");
        return new Block(
                new Branch(
                        b.rmsNormTimes(factor(c, SSM_IN), "attn_norm", c.hiddenSize()),
                        mamba(c, plan, b),
                        factor(c, SSM_OUT)),
                new Branch(
                        b.rmsNormTimes(factor(c, ATTENTION_IN), "attn_norm", c.hiddenSize()),
                        attention,
                        factor(c, ATTENTION_OUT)),
                new RmsNorm(b.vector(norm, c.hiddenSize()), c.hiddenSize(), c.normEpsilon()),
                GatedMlp.of(
                        c.activation(),
                        new GateUp(gateUp.gate().times(mlp.get(0).floatValue()), gateUp.up()),
                        b.linear("ffn_down", c.hiddenSize(), c.mlpSize())
                                .times(mlp.get(1).floatValue())));
    }

    private static float factor(ModelConfig c, String name) {
        return (float) c.setting(name, 1);
    }

    private static TokenMixer mamba(ModelConfig c, LayerPlan plan, LayerWeights b) {
        var weights = new MambaWeights(c, b);
        var factors = c.has(SSM) ? Mamba2Mixer.Factors.of(c.numbers(SSM)) : Mamba2Mixer.Factors.NONE;
        var mixer = weights.second(plan.recurrent(b.index())).withFactors(factors);
        if (!b.has("ssm_norm")) {
            return mixer;
        }
        var norms = weights.groupNorms();
        return c.flag(NORM_FIRST) ? mixer.withNormBeforeGate(norms) : mixer.withNorm(norms);
    }

    private record Branch(RmsNorm norm, TokenMixer mixer, float factor) {
        Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var h = mixer.forward(norm.addThenNorm(residual, delta, step), step);
            step.ops().scale(h, factor);
            return h;
        }
    }

    private record Block(Branch mamba, Branch attention, RmsNorm mlpNorm, GatedMlp mlp) implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var h = mamba.forward(residual, delta, step);
            step.ops().add(h, attention.forward(residual, null, step));
            return mlp.forward(mlpNorm.addThenNorm(residual, h, step), step);
        }
    }
}
