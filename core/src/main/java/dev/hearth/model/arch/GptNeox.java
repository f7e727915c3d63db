package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.layer.Attention;
import dev.hearth.layer.LayerNorm;
import dev.hearth.layer.Mlp;
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
import dev.hearth.spi.Activation;
import dev.hearth.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** GPT-NeoX and Pythia: layer norms, GELU, part of each head rotated; the parts mostly side by side. arXiv:2204.06745, section 2. */
public final class GptNeox implements Architecture {
    private static final String GROUPED = "grouped_qkv"; // head by head in the Hugging Face layout, GGUF has parts
    private static final String PARALLEL = "use_parallel_residual";
    private static final String NAMES = """
            embed_in                                      token_embd
            final_layer_norm                              output_norm
            embed_out                                     output
            layers.{n}.attention.query_key_value          blk.{n}.attn_qkv
            layers.{n}.attention.dense                    blk.{n}.attn_output
            layers.{n}.mlp.dense_h_to_4h                  blk.{n}.ffn_up
            layers.{n}.mlp.dense_4h_to_h                  blk.{n}.ffn_down
            """;

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        c.setting(GROUPED, 1).setting(PARALLEL, file.flag("use_parallel_residual", true) ? 1 : 0);
        c.heads(c.headCount(), c.headCount(), c.headDim());
        file.number("rotary_emb_base").ifPresent(base -> c.ropes(r -> r.withBase(base)));
        if (file.fields("rope_parameters").isEmpty()) {
            double part = file.number("rotary_pct")
                    .orElse(file.number("partial_rotary_factor").orElse(0.25));
            c.ropes(r -> r.withRotaryDim((int) (c.headDim() * part)));
        }
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        c.activation(Activation.GELU).setting(PARALLEL, file.flag("use_parallel_residual", true) ? 1 : 0);
    }

    @Override
    public void export(GgufExport gguf, ModelConfig c) {
        gguf.layerNorms()
                .flag(PARALLEL, c.flag(PARALLEL))
                .byPart("attn_qkv", c.headCount(), List.of(c.headDim(), c.headDim(), c.headDim()));
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
        boolean grouped = c.flag(GROUPED);
        boolean parallel = c.flag(PARALLEL);
        var plan = new LayerPlan(c);
        var embedding = w.embedding("token_embd", c.vocabSize(), c.hiddenSize());
        var blocks = w.blocks(
                "blk",
                c.layerCount(),
                b -> new Block(
                        b.layerNorm("attn_norm", c.hiddenSize()),
                        Attention.of(
                                plan.layer(b.index()),
                                grouped ? b.groupedQkv("attn_qkv") : b.fusedQkv("attn_qkv"),
                                b.linear("attn_output", c.hiddenSize(), c.queryWidth())),
                        b.layerNorm("ffn_norm", c.hiddenSize()),
                        Mlp.of(
                                c.activation(),
                                b.linear("ffn_up", c.mlpSize(), c.hiddenSize()),
                                b.linear("ffn_down", c.hiddenSize(), c.mlpSize())),
                        parallel));
        return new Decoder(
                embedding,
                blocks,
                w.layerNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private record Block(LayerNorm attnNorm, Attention attention, LayerNorm mlpNorm, Mlp mlp, boolean parallel)
            implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var x = attnNorm.addThenNorm(residual, delta, step);
            var h = attention.forward(x, step);
            if (!parallel) {
                return mlp.forward(mlpNorm.addThenNorm(residual, h, step), step);
            }
            step.ops().add(h, mlp.forward(mlpNorm.addThenNorm(residual, null, step), step));
            return h;
        }
    }
}
