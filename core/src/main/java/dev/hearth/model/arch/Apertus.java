package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.Attention;
import dev.hearth.layer.RmsNorm;
import dev.hearth.layer.XieluMlp;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.LayerWeights;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.spi.RowFunction;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Apertus: Llama's attention with each q and k head normed, xIELU without a gate. arXiv:2509.14233, section 2.1. */
public final class Apertus implements Architecture {
    private static final String POSITIVE = "xielu.alpha_p";
    private static final String NEGATIVE = "xielu.alpha_n";
    private static final String LINEAR = "xielu.beta";
    private static final String MOST = "xielu.eps";
    private static final String NAMES = """
            layers.{n}.attention_layernorm                blk.{n}.attn_norm
            layers.{n}.feedforward_layernorm              blk.{n}.ffn_norm
            =layers.{n}.mlp.act_fn.alpha_p                blk.{n}.xielu.alpha_p.weight
            =layers.{n}.mlp.act_fn.alpha_n                blk.{n}.xielu.alpha_n.weight
            =layers.{n}.mlp.act_fn.beta                   blk.{n}.xielu.beta.weight
            =layers.{n}.mlp.act_fn.eps                    blk.{n}.xielu.eps.weight
            """;

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        String activation = file.string("hidden_act").orElse("xielu");
        if (!activation.equals("xielu")) {
            throw new ModelFormatException(file.at("hidden_act"), "expected xielu, found " + activation);
        }
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        for (String key : new String[] {POSITIVE, NEGATIVE, LINEAR, MOST}) {
            var values = file.numbers(key);
            if (values.size() != c.layerCount()) {
                throw new ModelFormatException(
                        file.at(key), "expected a number for each of " + c.layerCount() + " layers, found " + values);
            }
            c.setting(key, values);
        }
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
                                .withHeadNorm(
                                        b.rmsNorm("attn_q_norm", c.headDim()), b.rmsNorm("attn_k_norm", c.headDim())),
                        b.rmsNorm("ffn_norm", c.hiddenSize()),
                        new XieluMlp(
                                activation(c, b),
                                b.linear("ffn_up", c.mlpSize(), c.hiddenSize()),
                                b.linear("ffn_down", c.hiddenSize(), c.mlpSize()))));
        return new Decoder(
                embedding,
                blocks,
                w.rmsNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    /** Files store what softplus makes positive. */
    private static RowFunction.Xielu activation(ModelConfig c, LayerWeights b) {
        double linear = number(c, b, LINEAR, 0.5);
        double positive = softplus(number(c, b, POSITIVE, Double.NaN));
        double negative = linear + softplus(number(c, b, NEGATIVE, Double.NaN));
        return new RowFunction.Xielu(
                (float) positive, (float) negative, (float) linear, (float) number(c, b, MOST, -1e-6));
    }

    private static double number(ModelConfig c, LayerWeights b, String name, double otherwise) {
        if (c.has(name)) {
            return c.numbers(name).get(b.index());
        }
        if (!b.has(name) && Double.isNaN(otherwise)) {
            throw c.missing(name + " of layer " + b.index());
        }
        return b.number(name, (float) otherwise);
    }

    private static double softplus(double x) {
        return x > 20 ? x : Math.log1p(Math.exp(x));
    }

    private record Block(RmsNorm attnNorm, Attention attention, RmsNorm mlpNorm, XieluMlp mlp) implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var h = attnNorm.addThenNorm(residual, delta, step);
            h = attention.forward(h, step);
            h = mlpNorm.addThenNorm(residual, h, step);
            return mlp.forward(h, step);
        }
    }
}
