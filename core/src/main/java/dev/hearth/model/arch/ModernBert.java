package dev.hearth.model.arch;

import dev.hearth.embedding.Pooling;
import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.Attention;
import dev.hearth.layer.Dense;
import dev.hearth.layer.GatedMlp;
import dev.hearth.layer.LayerNorm;
import dev.hearth.model.Architecture;
import dev.hearth.model.Classifier;
import dev.hearth.model.Encoder;
import dev.hearth.model.EncoderBlock;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.HuggingFaceConfig;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.spi.Activation;
import dev.hearth.tensor.Tensor;
import java.util.Optional;

/** ModernBERT: norms before each part, gated feed-forward layers, rotation, windows on both sides. arXiv:2412.13663, section 2.1. */
public final class ModernBert implements Architecture {
    private static final String MEAN_LABELS = "mean_labels"; // labels are made of the mean, not of the first token
    private static final double GLOBAL_BASE = 160_000;
    private static final double LOCAL_BASE = 10_000;
    private static final String NAMES = """
            embeddings.tok_embeddings                     token_embd
            embeddings.norm                               token_embd_norm
            final_norm                                    output_norm
            layers.{n}.attn_norm                          blk.{n}.attn_norm
            layers.{n}.attn.Wqkv                          blk.{n}.attn_qkv
            layers.{n}.attn.Wo                            blk.{n}.attn_output
            layers.{n}.mlp_norm                           blk.{n}.ffn_norm
            layers.{n}.mlp.Wi                             blk.{n}.ffn_up
            layers.{n}.mlp.Wo                             blk.{n}.ffn_down
            head.dense                                    cls
            head.norm                                     cls.norm
            decoder                                       mask_output
            classifier                                    cls.output
            """;

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        if (!file.has("rope_parameters") && !file.has("rope_theta")) {
            double global = file.number("global_rope_theta").orElse(GLOBAL_BASE);
            c.ropes(r -> r.withBase(global));
        }
        if (!file.has("layer_types")) {
            int full = Math.max(1, file.integer("global_attn_every_n_layers").orElse(3));
            c.slide(i -> i % full != 0);
        }
        if (!file.has("rope_parameters") && !file.has("rope_local_base_freq")) {
            double local = file.number("local_rope_theta").orElse(LOCAL_BASE);
            c.slidingRopes(r -> r.withBase(local));
        }
        c.bothWays()
                .windows(w -> w / 2 + 1)
                .activation(HuggingFaceConfig.activation(file, "hidden_activation", "gelu"));
        String pooling = file.string("classifier_pooling").orElse("cls");
        Activation labels = HuggingFaceConfig.activation(file, "classifier_activation", "gelu");
        if (!pooling.equals("cls") && !pooling.equals("mean") || labels != Activation.GELU) {
            throw new ModelFormatException(
                    file.at("classifier_pooling"), "expected cls or mean, then gelu, found " + pooling + ", " + labels);
        }
        c.setting(MEAN_LABELS, pooling.equals("mean") ? 1 : 0);
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        c.bothWays().activation(Activation.GELU).slide(i -> i % 3 != 0).windows(w -> w / 2 + 1);
    }

    @Override
    public Encoder build(ModelConfig c, Weights w) {
        var plan = new LayerPlan(c);
        var words = w.embedding("token_embd", c.vocabSize(), c.hiddenSize());
        var blocks = w.blocks(
                "blk",
                c.layerCount(),
                b -> new Block(
                        b.has("attn_norm") ? Optional.of(b.layerNorm("attn_norm", c.hiddenSize())) : Optional.empty(),
                        Attention.of(
                                plan.layer(b.index()),
                                b.fusedQkv("attn_qkv"),
                                b.linear("attn_output", c.hiddenSize(), c.queryWidth())),
                        b.layerNorm("ffn_norm", c.hiddenSize()),
                        GatedMlp.of(
                                c.activation(),
                                b.fusedGateUp("ffn_up"),
                                b.linear("ffn_down", c.hiddenSize(), c.mlpSize()))));
        var norm = w.layerNorm("output_norm", c.hiddenSize());
        var encoder =
                Encoder.of(words.withNorm(w.layerNorm("token_embd_norm", c.hiddenSize())), blocks, norm, plan.groups());
        if (c.labelsTexts()) {
            return encoder.withClassifier(Optional.of(classifier(c, w)));
        }
        return w.has("cls.output")
                ? encoder
                : encoder.withHead(w.maskedHead("cls", "cls.norm", words, Activation.GELU));
    }

    private static Classifier classifier(ModelConfig c, Weights w) {
        return Classifier.of(
                c.flag(MEAN_LABELS) ? Pooling.MEAN : Pooling.CLS,
                Dense.of(w.linear("cls", c.hiddenSize(), c.hiddenSize()), Activation.GELU),
                w.layerNorm("cls.norm", c.hiddenSize())::inPlace,
                Dense.of(w.labels("cls.output", c.hiddenSize())));
    }

    private record Block(Optional<LayerNorm> attentionNorm, Attention attention, LayerNorm mlpNorm, GatedMlp mlp)
            implements EncoderBlock {
        @Override
        public void forward(Tensor x, Step step) {
            var h = attentionNorm.isPresent() ? attentionNorm.get().addThenNorm(x, null, step) : x;
            h = mlpNorm.addThenNorm(x, attention.forward(h, step), step);
            step.ops().add(x, mlp.forward(h, step));
        }
    }
}
