package dev.hearth.model.arch;

import dev.hearth.embedding.Pooling;
import dev.hearth.format.Fields;
import dev.hearth.layer.Attention;
import dev.hearth.layer.CentredConvolution;
import dev.hearth.layer.Dense;
import dev.hearth.layer.Embedding;
import dev.hearth.layer.LayerNorm;
import dev.hearth.layer.Mlp;
import dev.hearth.model.Architecture;
import dev.hearth.model.Classifier;
import dev.hearth.model.Encoder;
import dev.hearth.model.EncoderBlock;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.RelativeWeights;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.tensor.Tensor;
import java.util.Optional;

/** DeBERTa 2 and 3: BERT's blocks, attention by content and distance. He and others 2020, arXiv:2006.03654; 2021, arXiv:2111.09543. */
public final class DebertaV2 implements Architecture {
    private static final String NAMES = """
            embeddings.word_embeddings                    token_embd
            embeddings.position_embeddings                position_embd
            embeddings.token_type_embeddings              token_types
            embeddings.embed_proj                         token_embd_proj
            embeddings.LayerNorm                          token_embd_norm
            encoder.rel_embeddings                        rel_embd
            encoder.LayerNorm                             rel_embd_norm
            encoder.conv.conv                             conv
            encoder.conv.LayerNorm                        conv_norm
            encoder.layer.{n}.attention.self.query_proj   blk.{n}.attn_q
            encoder.layer.{n}.attention.self.key_proj     blk.{n}.attn_k
            encoder.layer.{n}.attention.self.value_proj   blk.{n}.attn_v
            encoder.layer.{n}.attention.self.pos_key_proj blk.{n}.attn_rel_k
            encoder.layer.{n}.attention.self.pos_query_proj blk.{n}.attn_rel_q
            encoder.layer.{n}.attention.output.dense      blk.{n}.attn_output
            encoder.layer.{n}.attention.output.LayerNorm  blk.{n}.attn_output_norm
            encoder.layer.{n}.intermediate.dense          blk.{n}.ffn_up
            encoder.layer.{n}.output.dense                blk.{n}.ffn_down
            encoder.layer.{n}.output.LayerNorm            blk.{n}.layer_output_norm
            pooler.dense                                  cls
            classifier                                    cls.output
            cls.predictions.transform.dense               mask_transform
            cls.predictions.transform.LayerNorm           mask_norm
            cls.predictions.decoder                       mask_output
            cls.predictions                               mask
            lm_predictions.lm_head.dense                  mask_transform
            lm_predictions.lm_head.LayerNorm              mask_norm
            lm_predictions.lm_head                        mask
            """;

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        DebertaConfig.configure(c, file);
    }

    @Override
    public Encoder build(ModelConfig c, Weights w) {
        var plan = new LayerPlan(c);
        var words = w.embedding("token_embd", c.vocabSize(), c.size(DebertaConfig.EMBEDDING_SIZE));
        var convolution = DebertaConfig.convolution(c, w, "conv");
        try (var distances = new RelativeWeights(w, "rel_embd", "rel_embd_norm")) {
            var blocks = w.blocks("blk", c.layerCount(), b -> {
                var qkv = b.qkv("attn_q", "attn_k", "attn_v");
                var attention = Attention.of(
                        plan.layer(b.index()), qkv, b.linear("attn_output", c.hiddenSize(), c.queryWidth()));
                var block = new Block(
                        distances
                                .terms(b, qkv, "attn_rel_k", "attn_rel_q")
                                .map(attention::withRelative)
                                .orElse(attention),
                        b.layerNorm("attn_output_norm", c.hiddenSize()),
                        Mlp.of(
                                c.activation(),
                                b.linear("ffn_up", c.mlpSize(), c.hiddenSize()),
                                b.linear("ffn_down", c.hiddenSize(), c.mlpSize())),
                        b.layerNorm("layer_output_norm", c.hiddenSize()));
                return convolution.isPresent() && b.index() == 0
                        ? new Convolved(block, convolution.get(), w.layerNorm("conv_norm", c.hiddenSize()))
                        : block;
            });
            return Encoder.of(input(c, w, words), blocks, plan.groups())
                    .withHead(w.maskedHead("mask_transform", "mask_norm", words, c.activation()))
                    .withClassifier(classifier(c, w));
        }
    }

    private static Embedding input(ModelConfig c, Weights w, Embedding words) {
        int size = c.size(DebertaConfig.EMBEDDING_SIZE);
        var sum = words;
        if (c.flag(DebertaConfig.TYPES)) {
            sum = sum.withTypes(w.tableOfAll("token_types", size));
        }
        if (c.flag(DebertaConfig.POSITIONS)) {
            sum = sum.withPositions(w.positions("position_embd", 0, size));
        }
        if (size != c.hiddenSize()) {
            sum = sum.withProjection(w.linear("token_embd_proj", c.hiddenSize(), size));
        }
        return sum.withNorm(w.layerNorm("token_embd_norm", c.hiddenSize()));
    }

    private static Optional<Classifier> classifier(ModelConfig c, Weights w) {
        return c.labelsTexts()
                ? Optional.of(Classifier.of(
                        Pooling.CLS,
                        DebertaConfig.pooler(c, w.linear("cls", c.hiddenSize(), c.hiddenSize())),
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

    /** The first block of some, with a convolution of its input added to its result. */
    private record Convolved(Block block, CentredConvolution convolution, LayerNorm norm) implements EncoderBlock {
        @Override
        public void forward(Tensor x, Step step) {
            Tensor h = convolution.forward(x, step);
            block.forward(x, step);
            norm.addThenNormInPlace(x, h, step);
        }
    }
}
