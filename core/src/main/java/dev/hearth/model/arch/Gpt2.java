package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.Attention;
import dev.hearth.layer.LayerNorm;
import dev.hearth.layer.Linear;
import dev.hearth.layer.Mlp;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.GgufExport;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.LayerWeights;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.spi.Activation;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** GPT-2: layer norms, GELU, learned positions. Radford and others 2019, Language Models are Unsupervised Multitask Learners, section 2.3. */
public final class Gpt2 implements Architecture {
    private static final String TRANSPOSED = "transposed"; // Conv1D in the Hugging Face layout
    private static final String BY_DEPTH = "scale_attn_by_inverse_layer_idx";
    private static final String NAMES = """
            wte                                           token_embd
            wpe                                           position_embd
            ln_f                                          output_norm
            h.{n}.ln_1                                    blk.{n}.attn_norm
            h.{n}.ln_2                                    blk.{n}.ffn_norm
            h.{n}.attn.c_attn                             blk.{n}.attn_qkv
            h.{n}.attn.c_proj                             blk.{n}.attn_output
            h.{n}.mlp.c_fc                                blk.{n}.ffn_up
            h.{n}.mlp.c_proj                              blk.{n}.ffn_down
            """;

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        if (file.flag("add_cross_attention", false)) {
            throw new ModelFormatException(file.at("add_cross_attention"), "not supported");
        }
        c.setting(BY_DEPTH, file.flag(BY_DEPTH, false) ? 1 : 0);
        c.heads(c.headCount(), c.headCount(), c.hiddenSize() / Math.max(1, c.headCount()));
        c.mlpSize(file.integer("n_inner").orElse(4 * c.hiddenSize()));
        c.setting(TRANSPOSED, 1).withoutRope(i -> true);
        if (!file.flag("scale_attn_weights", true)) {
            c.attentionScale(1);
        }
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        c.activation(Activation.GELU_TANH).setting(BY_DEPTH, 0).withoutRope(i -> true);
    }

    @Override
    public void export(GgufExport gguf, ModelConfig c) {
        gguf.layerNorms().transposed("attn_qkv", "attn_output", "ffn_up", "ffn_down");
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
        boolean transposed = c.flag(TRANSPOSED);
        var plan = new LayerPlan(c);
        var embedding = w.embeddingWithPositions("token_embd", "position_embd", c.vocabSize(), c.hiddenSize());
        var blocks = w.blocks(
                "blk",
                c.layerCount(),
                b -> new Block(
                        b.layerNorm("attn_norm", c.hiddenSize()),
                        Attention.of(
                                        plan.layer(b.index()),
                                        transposed ? b.transposedQkv("attn_qkv") : b.fusedQkv("attn_qkv"),
                                        product(b, transposed, "attn_output", c.hiddenSize(), c.hiddenSize()))
                                .withScaleFactor(c.flag(BY_DEPTH) ? 1f / (b.index() + 1) : 1),
                        b.layerNorm("ffn_norm", c.hiddenSize()),
                        Mlp.of(
                                c.activation(),
                                product(b, transposed, "ffn_up", c.mlpSize(), c.hiddenSize()),
                                product(b, transposed, "ffn_down", c.hiddenSize(), c.mlpSize()))));
        return new Decoder(
                embedding,
                blocks,
                w.layerNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private static Linear product(LayerWeights b, boolean transposed, String name, int rows, int columns) {
        return transposed ? b.transposedLinear(name, rows, columns) : b.linear(name, rows, columns);
    }

    private record Block(LayerNorm attnNorm, Attention attention, LayerNorm mlpNorm, Mlp mlp) implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var h = attnNorm.addThenNorm(residual, delta, step);
            h = attention.forward(h, step);
            h = mlpNorm.addThenNorm(residual, h, step);
            return mlp.forward(h, step);
        }
    }
}
