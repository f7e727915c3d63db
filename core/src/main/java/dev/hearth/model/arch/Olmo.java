package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.Attention;
import dev.hearth.layer.GatedMlp;
import dev.hearth.layer.LayerNorm;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.GgufExport;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.spi.RopeSpec;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** OLMo 1: Llama's block with layer norms that have no weights. arXiv:2402.00838, section 2. */
public final class Olmo implements Architecture {
    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        if (file.has("clip_qkv")) {
            throw new ModelFormatException(file.at("clip_qkv"), "clipped queries and keys are not supported");
        }
        c.normEpsilon(1e-5);
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        if (file.has("attention.clamp_kqv")) {
            throw new ModelFormatException(
                    file.at("attention.clamp_kqv"), "clipped queries and keys are not supported");
        }
        c.pairing(RopeSpec.Pairing.NEIGHBOURS);
    }

    @Override
    public void export(GgufExport gguf, ModelConfig c) {
        gguf.neighbouringPairs().layerNorms();
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
        var plan = new LayerPlan(c);
        var embedding = w.embedding("token_embd", c.vocabSize(), c.hiddenSize());
        var blocks = w.blocks(
                "blk",
                c.layerCount(),
                b -> new Block(
                        w.plainLayerNorm(c.hiddenSize()),
                        Attention.of(
                                plan.layer(b.index()),
                                b.qkv("attn_q", "attn_k", "attn_v"),
                                b.linear("attn_output", c.hiddenSize(), c.queryWidth())),
                        w.plainLayerNorm(c.hiddenSize()),
                        GatedMlp.of(
                                c.activation(),
                                b.gateUp("ffn_gate", "ffn_up"),
                                b.linear("ffn_down", c.hiddenSize(), c.mlpSize()))));
        return new Decoder(
                embedding, blocks, w.plainLayerNorm(c.hiddenSize()), w.headOrTied("output", embedding), plan.groups());
    }

    private record Block(LayerNorm attnNorm, Attention attention, LayerNorm mlpNorm, GatedMlp mlp)
            implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var h = attnNorm.addThenNorm(residual, delta, step);
            h = attention.forward(h, step);
            h = mlpNorm.addThenNorm(residual, h, step);
            return mlp.forward(h, step);
        }
    }
}
