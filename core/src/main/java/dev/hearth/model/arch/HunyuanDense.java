package dev.hearth.model.arch;

import dev.hearth.layer.Attention;
import dev.hearth.layer.GatedMlp;
import dev.hearth.layer.RmsNorm;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.GgufExport;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.RopeConfig;
import dev.hearth.model.RopeScaling;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** HunYuan 1, dense: Llama's block, each query and key head normed after it is rotated. Tencent 2025, Hunyuan-7B model card. */
public final class HunyuanDense implements Architecture {
    private static final String NAMES = """
            layers.{n}.self_attn.query_layernorm          blk.{n}.attn_q_norm
            layers.{n}.self_attn.key_layernorm            blk.{n}.attn_k_norm
            """;

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void export(GgufExport gguf, ModelConfig c) {
        c.layers().getFirst().rope().ifPresent(rope -> gguf.number("rope.freq_base", base(rope)));
    }

    /** The stretch by a fixed factor is part of the base in GGUF. */
    private static double base(RopeConfig rope) {
        return rope.scaling() instanceof RopeScaling.Alpha(double alpha)
                ? rope.base() * Math.pow(alpha, rope.rotaryDim() / (rope.rotaryDim() - 2.0))
                : rope.base();
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
                                .withHeadNormAfterRotation(
                                        b.rmsNorm("attn_q_norm", c.headDim()), b.rmsNorm("attn_k_norm", c.headDim())),
                        b.rmsNorm("ffn_norm", c.hiddenSize()),
                        GatedMlp.of(
                                c.activation(),
                                b.gateUp("ffn_gate", "ffn_up"),
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
