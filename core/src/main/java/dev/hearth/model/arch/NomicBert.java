package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.Attention;
import dev.hearth.layer.GatedMlp;
import dev.hearth.layer.LayerNorm;
import dev.hearth.model.Architecture;
import dev.hearth.model.Encoder;
import dev.hearth.model.EncoderBlock;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.spi.Activation;
import dev.hearth.tensor.Tensor;

/** Nomic Embed: BERT's block with rotation and gated feed-forward layers, without biases. arXiv:2402.01613, section 4.1. */
public final class NomicBert implements Architecture {
    private static final double BASE = 1000;
    private static final String NAMES = """
            embeddings.word_embeddings                    token_embd
            embeddings.token_type_embeddings              token_types
            embeddings.LayerNorm                          token_embd_norm
            emb_ln                                        token_embd_norm
            encoder.layers.{n}.attn.Wqkv                  blk.{n}.attn_qkv
            encoder.layers.{n}.attn.out_proj              blk.{n}.attn_output
            encoder.layers.{n}.norm1                      blk.{n}.attn_output_norm
            encoder.layers.{n}.mlp.fc11                   blk.{n}.ffn_up
            encoder.layers.{n}.mlp.fc12                   blk.{n}.ffn_gate
            encoder.layers.{n}.mlp.fc2                    blk.{n}.ffn_down
            encoder.layers.{n}.norm2                      blk.{n}.layer_output_norm
            layers.{n}.post_attention_layernorm           blk.{n}.attn_output_norm
            layers.{n}.post_mlp_layernorm                 blk.{n}.layer_output_norm
            """;

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        for (String variant : new String[] {"prenorm", "parallel_block", "rotary_emb_interleaved", "use_rms_norm"}) {
            if (file.flag(variant, false)) {
                throw new ModelFormatException(file.at(variant), "not supported");
            }
        }
        if (file.integer("num_experts").orElse(0) > 0) {
            throw new ModelFormatException(file.at("num_experts"), "experts are not supported");
        }
        c.bothWays();
        if (!file.has("rope_parameters") && !file.has("rope_theta")) {
            c.ropes(r -> r.withBase(file.number("rotary_emb_base").orElse(BASE)));
        }
        file.number("rotary_emb_fraction").ifPresent(part -> c.rotaryDim((int) (c.headDim() * part)));
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        c.activation(Activation.SILU).bothWays();
    }

    @Override
    public Encoder build(ModelConfig c, Weights w) {
        var plan = new LayerPlan(c);
        var embedding = w.embedding("token_embd", c.vocabSize(), c.hiddenSize())
                .withTypes(w.tableOfAll("token_types", c.hiddenSize()))
                .withNorm(w.layerNorm("token_embd_norm", c.hiddenSize()));
        var blocks = w.blocks(
                "blk",
                c.layerCount(),
                b -> new Block(
                        Attention.of(
                                plan.layer(b.index()),
                                b.qkv("attn_q", "attn_k", "attn_v"),
                                b.linear("attn_output", c.hiddenSize(), c.queryWidth())),
                        b.layerNorm("attn_output_norm", c.hiddenSize()),
                        GatedMlp.of(
                                c.activation(),
                                b.gateUp("ffn_gate", "ffn_up"),
                                b.linear("ffn_down", c.hiddenSize(), c.mlpSize())),
                        b.layerNorm("layer_output_norm", c.hiddenSize())));
        return Encoder.of(embedding, blocks, plan.groups());
    }

    private record Block(Attention attention, LayerNorm attentionNorm, GatedMlp mlp, LayerNorm mlpNorm)
            implements EncoderBlock {
        @Override
        public void forward(Tensor x, Step step) {
            attentionNorm.addThenNormInPlace(x, attention.forward(x, step), step);
            mlpNorm.addThenNormInPlace(x, mlp.forward(x, step), step);
        }
    }
}
