package dev.hearth.model.arch;

import dev.hearth.embedding.Pooling;
import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.Attention;
import dev.hearth.layer.Dense;
import dev.hearth.layer.Input;
import dev.hearth.layer.LayerNorm;
import dev.hearth.layer.Mlp;
import dev.hearth.layer.ProjectedInput;
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

/** ELECTRA, generators and discriminators: BERT with embeddings of a width of their own. Clark and others 2020, arXiv:2003.10555, section 3. */
public final class Electra implements Architecture {
    private static final String EMBEDDING_SIZE = "embedding_size";
    private static final String NAMES = """
            embeddings.word_embeddings                    token_embd
            embeddings.position_embeddings                position_embd
            embeddings.token_type_embeddings              token_types
            embeddings.LayerNorm                          token_embd_norm
            embeddings_project                            embd_project
            encoder.layer.{n}.attention.self.query        blk.{n}.attn_q
            encoder.layer.{n}.attention.self.key          blk.{n}.attn_k
            encoder.layer.{n}.attention.self.value        blk.{n}.attn_v
            encoder.layer.{n}.attention.output.dense      blk.{n}.attn_output
            encoder.layer.{n}.attention.output.LayerNorm  blk.{n}.attn_output_norm
            encoder.layer.{n}.intermediate.dense          blk.{n}.ffn_up
            encoder.layer.{n}.output.dense                blk.{n}.ffn_down
            encoder.layer.{n}.output.LayerNorm            blk.{n}.layer_output_norm
            classifier.dense                              cls
            classifier.out_proj                           cls.output
            generator_predictions.dense                   mask_transform
            generator_predictions.LayerNorm               mask_norm
            generator_lm_head                             mask_output
            """;

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        String positions = file.string("position_embedding_type").orElse("absolute");
        if (!positions.equals("absolute") || file.flag("is_decoder", false)) {
            throw new ModelFormatException(
                    file.at("position_embedding_type"),
                    "expected an encoder with absolute positions, found a decoder or " + positions);
        }
        int width = file.integer(EMBEDDING_SIZE).orElse(128);
        if (width < 1) {
            throw new ModelFormatException(file.at(EMBEDDING_SIZE), "expected at least 1, found " + width);
        }
        c.activation(HuggingFaceConfig.activation(file, "hidden_act", "gelu"))
                .setting(EMBEDDING_SIZE, width)
                .withoutRope(i -> true)
                .bothWays();
    }

    @Override
    public Encoder build(ModelConfig c, Weights w) {
        var plan = new LayerPlan(c);
        int width = c.size(EMBEDDING_SIZE);
        var words = w.embedding("token_embd", c.vocabSize(), width);
        var embedding = words.withTypes(w.tableOfAll("token_types", width))
                .withPositions(w.positions("position_embd", 0, width))
                .withNorm(w.layerNorm("token_embd_norm", width));
        Input input = width == c.hiddenSize()
                ? embedding
                : new ProjectedInput(embedding, w.linear("embd_project", c.hiddenSize(), width));
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
        return Encoder.of(input, blocks, plan.groups())
                .withHead(w.maskedHead("mask_transform", "mask_norm", words, Activation.GELU))
                .withClassifier(classifier(c, w));
    }

    private static Optional<Classifier> classifier(ModelConfig c, Weights w) {
        return c.labelsTexts()
                ? Optional.of(Classifier.of(
                        Pooling.CLS,
                        Dense.of(w.linear("cls", c.hiddenSize(), c.hiddenSize()), Activation.GELU),
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
