package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.layer.Attention;
import dev.hearth.layer.GatedMlp;
import dev.hearth.layer.LayerNorm;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.GgufExport;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.LayerWeights;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.tensor.Tensor;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * StableLM: layer norms, a quarter of each head rotated, SiLU gates; attention and feed-forward one after the other, or side by
 * side where there is no second norm. arXiv:2402.17834, section 3.
 */
public final class StableLm implements Architecture {
    private static final String NAMES = """
            layers.{n}.self_attn.q_layernorm.norms.{e}    blk.{n}.attn_q_norm
            layers.{n}.self_attn.k_layernorm.norms.{e}    blk.{n}.attn_k_norm
            """;

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        if (!file.has("partial_rotary_factor") && file.fields("rope_parameters").isEmpty()) {
            c.ropes(r -> r.withRotaryDim(c.headDim() / 4));
        }
    }

    @Override
    public void export(GgufExport gguf, ModelConfig c) {
        gguf.layerNorms().flag("use_parallel_residual", gguf.file().flag("use_parallel_residual", false));
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
        var plan = new LayerPlan(c);
        var embedding = w.embedding("token_embd", c.vocabSize(), c.hiddenSize());
        var blocks = w.blocks(
                "blk",
                c.layerCount(),
                b -> new Block(
                        b.layerNorm("attn_norm", c.hiddenSize()),
                        attention(c, plan, b),
                        b.has("ffn_norm") ? Optional.of(b.layerNorm("ffn_norm", c.hiddenSize())) : Optional.empty(),
                        GatedMlp.of(
                                c.activation(),
                                b.gateUp("ffn_gate", "ffn_up"),
                                b.linear("ffn_down", c.hiddenSize(), c.mlpSize()))));
        return new Decoder(
                embedding,
                blocks,
                w.layerNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private static Attention attention(ModelConfig c, LayerPlan plan, LayerWeights b) {
        var attention = Attention.of(
                plan.layer(b.index()),
                b.qkv("attn_q", "attn_k", "attn_v"),
                b.linear("attn_output", c.hiddenSize(), c.queryWidth()));
        return b.has("attn_q_norm")
                ? attention.withHeadNorm(
                        b.headLayerNorm("attn_q_norm", c.headCount(), c.headDim()),
                        b.headLayerNorm("attn_k_norm", c.kvHeadCount(), c.headDim()))
                : attention;
    }

    private record Block(LayerNorm attnNorm, Attention attention, Optional<LayerNorm> mlpNorm, GatedMlp mlp)
            implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var x = attnNorm.addThenNorm(residual, delta, step);
            var h = attention.forward(x, step);
            if (mlpNorm.isPresent()) {
                return mlp.forward(mlpNorm.get().addThenNorm(residual, h, step), step);
            }
            step.ops().add(h, mlp.forward(x, step));
            return h;
        }
    }
}
