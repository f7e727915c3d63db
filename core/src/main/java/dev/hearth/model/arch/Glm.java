package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.layer.Attention;
import dev.hearth.layer.GatedMlp;
import dev.hearth.layer.RmsNorm;
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

/** GLM-4-9B of 2024, ChatGLM in GGUF: Llama's block with half of each head rotated by neighbouring pairs. arXiv:2406.12793, section 2. */
public final class Glm implements Architecture {
    private static final String NAMES = """
            layers.{n}.mlp.gate_up_proj                   blk.{n}.ffn_up
            """;

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        c.pairing(RopeSpec.Pairing.NEIGHBOURS);
        if (!file.has("partial_rotary_factor") && file.fields("rope_parameters").isEmpty()) {
            c.ropes(r -> r.withRotaryDim(c.headDim() / 2));
        }
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        c.pairing(RopeSpec.Pairing.NEIGHBOURS);
    }

    @Override
    public void export(GgufExport gguf, ModelConfig c) {
        // nothing beside what most families share
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
                                b.linear("attn_output", c.hiddenSize(), c.queryWidth())),
                        b.rmsNorm("ffn_norm", c.hiddenSize()),
                        GatedMlp.of(
                                c.activation(),
                                b.fusedGateUp("ffn_up"),
                                b.linear("ffn_down", c.hiddenSize(), c.mlpSize()))));
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
