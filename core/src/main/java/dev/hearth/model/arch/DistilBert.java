package dev.hearth.model.arch;

import dev.hearth.embedding.Pooling;
import dev.hearth.format.Fields;
import dev.hearth.layer.Attention;
import dev.hearth.layer.Dense;
import dev.hearth.layer.LayerNorm;
import dev.hearth.layer.Mlp;
import dev.hearth.model.Architecture;
import dev.hearth.model.Classifier;
import dev.hearth.model.Encoder;
import dev.hearth.model.EncoderBlock;
import dev.hearth.model.HuggingFaceConfig;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.spi.Activation;
import dev.hearth.tensor.Tensor;
import java.util.Optional;

/** DistilBERT: BERT without types and pooler. Sanh and others 2019, arXiv:1910.01108, section 3. */
public final class DistilBert implements Architecture {
    private static final String NAMES = """
            embeddings.word_embeddings                    token_embd
            embeddings.position_embeddings                position_embd
            embeddings.LayerNorm                          token_embd_norm
            layer.{n}.attention.q_lin                     blk.{n}.attn_q
            layer.{n}.attention.k_lin                     blk.{n}.attn_k
            layer.{n}.attention.v_lin                     blk.{n}.attn_v
            layer.{n}.attention.out_lin                   blk.{n}.attn_output
            layer.{n}.sa_layer_norm                       blk.{n}.attn_output_norm
            layer.{n}.ffn.lin1                            blk.{n}.ffn_up
            layer.{n}.ffn.lin2                            blk.{n}.ffn_down
            layer.{n}.output_layer_norm                   blk.{n}.layer_output_norm
            pre_classifier                                cls
            classifier                                    cls.output
            vocab_transform                               mask_transform
            vocab_layer_norm                              mask_norm
            vocab_projector                               mask_output
            """;
    private static final double NORM_EPSILON = 1e-12; // transformers has no key for it

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        c.activation(HuggingFaceConfig.activation(file, "activation", "gelu"))
                .mlpSize(file.requiredInteger("hidden_dim"))
                .normEpsilon(NORM_EPSILON)
                .withoutRope(i -> true)
                .bothWays();
    }

    @Override
    public Encoder build(ModelConfig c, Weights w) {
        var plan = new LayerPlan(c);
        var words = w.embedding("token_embd", c.vocabSize(), c.hiddenSize());
        var embedding = words.withPositions(w.positions("position_embd", 0, c.hiddenSize()))
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
                        Mlp.of(
                                c.activation(),
                                b.linear("ffn_up", c.mlpSize(), c.hiddenSize()),
                                b.linear("ffn_down", c.hiddenSize(), c.mlpSize())),
                        b.layerNorm("layer_output_norm", c.hiddenSize())));
        return Encoder.of(embedding, blocks, plan.groups())
                .withHead(w.maskedHead("mask_transform", "mask_norm", words, c.activation()))
                .withClassifier(classifier(c, w));
    }

    private static Optional<Classifier> classifier(ModelConfig c, Weights w) {
        return c.labelsTexts()
                ? Optional.of(Classifier.of(
                        Pooling.CLS,
                        Dense.of(w.linear("cls", c.hiddenSize(), c.hiddenSize()), Activation.RELU),
                        Dense.of(w.labels("cls.output", c.hiddenSize()))))
                : Optional.empty();
    }

    private record Block(Attention attention, LayerNorm attentionNorm, Mlp mlp, LayerNorm mlpNorm)
            implements EncoderBlock {
        @Override
        public void forward(Tensor x, Step step) {
            attentionNorm.addThenNormInPlace(x, attention.forward(x, step), step);
            mlpNorm.addThenNormInPlace(x, mlp.forward(x, step), step);
        }
    }
}
