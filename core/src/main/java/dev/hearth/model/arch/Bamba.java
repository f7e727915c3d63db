package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.layer.Attention;
import dev.hearth.layer.FeedForward;
import dev.hearth.layer.RmsNorm;
import dev.hearth.layer.TokenMixer;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.FeedForwards;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.LayerWeights;
import dev.hearth.model.MambaConfig;
import dev.hearth.model.MambaWeights;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Bamba: Mamba 2 in most layers, attention in those that the file lists, half of each head rotated. IBM 2024, Bamba model card. */
public final class Bamba implements Architecture {
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
        MambaConfig.hybrid(c, file, OptionalInt.empty());
        int[] attention = file.integers("attn_layer_indices");
        c.layers((layer, i) ->
                Arrays.stream(attention).anyMatch(a -> a == i) ? layer : layer.withMixer(ModelConfig.Mixer.RECURRENT));
        Optional<Fields> rope = file.fields("rope_parameters");
        if (!file.has("partial_rotary_factor")
                && !rope.map(r -> r.has("partial_rotary_factor")).orElse(false)) {
            c.rotaryDim(file.integer("attn_rotary_emb").orElse(c.headDim() / 2));
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
                        mixer(c, plan, b),
                        b.rmsNorm("ffn_norm", c.hiddenSize()),
                        FeedForwards.dense(c, b)));
        return new Decoder(
                embedding,
                blocks,
                w.rmsNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private static TokenMixer mixer(ModelConfig c, LayerPlan plan, LayerWeights b) {
        if (c.layers().get(b.index()).mixer().recurs()) {
            var weights = new MambaWeights(c, b);
            return weights.second(plan.recurrent(b.index())).withNorm(weights.groupNorms());
        }
        return Attention.of(
                plan.layer(b.index()),
                b.qkv("attn_q", "attn_k", "attn_v"),
                b.linear("attn_output", c.hiddenSize(), c.queryWidth()));
    }

    private record Block(RmsNorm mixerNorm, TokenMixer mixer, RmsNorm mlpNorm, FeedForward mlp)
            implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var h = mixer.forward(mixerNorm.addThenNorm(residual, delta, step), step);
            return mlp.forward(mlpNorm.addThenNorm(residual, h, step), step);
        }
    }
}
