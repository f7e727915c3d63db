package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.layer.Attention;
import dev.hearth.layer.GatedMlp;
import dev.hearth.layer.LayerNorm;
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
import dev.hearth.spi.RopeSpec;
import dev.hearth.spi.RowFunction;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** OLMo 1: Llama's block with layer norms that have no weights; in some models clipped queries, keys and values. arXiv:2402.00838, section 2. */
public final class Olmo implements Architecture {
    private static final String CLAMP = "attention.clamp_kqv"; // 0 for none

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        c.normEpsilon(1e-5).setting(CLAMP, file.number("clip_qkv").orElse(0));
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        c.pairing(RopeSpec.Pairing.NEIGHBOURS).setting(CLAMP, file.number(CLAMP).orElse(0));
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
                        attention(c, plan, b),
                        w.plainLayerNorm(c.hiddenSize()),
                        GatedMlp.of(
                                c.activation(),
                                b.gateUp("ffn_gate", "ffn_up"),
                                b.linear("ffn_down", c.hiddenSize(), c.mlpSize()))));
        return new Decoder(
                embedding, blocks, w.plainLayerNorm(c.hiddenSize()), w.headOrTied("output", embedding), plan.groups());
    }

    private static Attention attention(ModelConfig c, LayerPlan plan, LayerWeights b) {
        var attention = Attention.of(
                plan.layer(b.index()),
                b.qkv("attn_q", "attn_k", "attn_v"),
                b.linear("attn_output", c.hiddenSize(), c.queryWidth()));
        float limit = (float) c.setting(CLAMP);
        return limit > 0 ? attention.withClamp(new RowFunction.Clamp(limit)) : attention;
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
