package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.Attention;
import dev.hearth.layer.GatedMlp;
import dev.hearth.layer.RmsNorm;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.GgufExport;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.HuggingFaceConfig;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.spi.Activation;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * BitNet b1.58: Llama's block, what the last product of each half takes normed, weights of -1, 0 and 1 that meet activations rounded
 * to int8. arXiv:2504.12285, section 2.
 */
public final class BitNet implements Architecture {
    private static final String ACTIVATION = "hidden_activation";

    private static final String NAMES = """
            layers.{n}.self_attn.attn_sub_norm            blk.{n}.attn_sub_norm
            layers.{n}.mlp.ffn_sub_norm                   blk.{n}.ffn_sub_norm
            """;

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        c.activation(HuggingFaceConfig.activation(file, "hidden_act", "relu2"))
                .normEpsilon(file.number("rms_norm_eps").orElse(1e-5));
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        String name = file.string(ACTIVATION).orElse(file.prefix().equals("bitnet.") ? "silu" : "relu2");
        c.activation(HuggingFaceConfig.activation(name)
                .orElseThrow(() -> new ModelFormatException(
                        file.at(ACTIVATION), "expected silu, relu2 or another function, found " + name)));
    }

    @Override
    public void export(GgufExport gguf, ModelConfig c) {
        if (gguf.file().flag("attention_bias", false)) {
            throw gguf.unsaid("attention_bias");
        }
        if (!gguf.file().flag("tie_word_embeddings", false)) {
            throw gguf.unsaid("tie_word_embeddings");
        }
        gguf.string(ACTIVATION, gguf.file().string("hidden_act").orElse("relu2"));
        if (c.activation() != Activation.SILU) {
            gguf.note("llama.cpp before it knew hidden_activation in files of bitnet takes silu; Hearth does not");
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
                        Attention.of(
                                        plan.layer(b.index()),
                                        b.qkv("attn_q", "attn_k", "attn_v"),
                                        b.linear("attn_output", c.hiddenSize(), c.queryWidth()))
                                .withOutputNorm(b.rmsNorm("attn_sub_norm", c.queryWidth())),
                        b.rmsNorm("ffn_norm", c.hiddenSize()),
                        GatedMlp.of(
                                        c.activation(),
                                        b.gateUp("ffn_gate", "ffn_up"),
                                        b.linear("ffn_down", c.hiddenSize(), c.mlpSize()))
                                .withInnerNorm(b.rmsNorm("ffn_sub_norm", c.mlpSize()))));
        return new Decoder(
                embedding,
                blocks,
                w.rmsNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private record Block(RmsNorm attnNorm, Attention attention, RmsNorm mlpNorm, GatedMlp mlp) implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var h = attnNorm.addThenNorm(residual, delta, step);
            h = attention.forward(h, step);
            h = mlpNorm.addThenNorm(residual, h, step);
            return mlp.forward(h, step);
        }
    }
}
