package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.Attention;
import dev.hearth.layer.LayerNorm;
import dev.hearth.layer.Mlp;
import dev.hearth.model.AlibiSlopes;
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
import dev.hearth.spi.Activation;
import dev.hearth.spi.RowFunction;
import dev.hearth.tensor.Tensor;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** MPT: layer norms, GELU, linear biases of attention in place of positions, clipped queries and keys. MosaicML 2023, MPT-7B. */
public final class Mpt implements Architecture {
    private static final String CLAMP = "attention.clamp_kqv"; // 0 for none
    private static final String ALIBI = "attention.max_alibi_bias"; // 0 for learned positions
    private static final String NAMES = """
            wte                                           token_embd
            wpe                                           position_embd
            norm_f                                        output_norm
            blocks.{n}.norm_1                             blk.{n}.attn_norm
            blocks.{n}.norm_2                             blk.{n}.ffn_norm
            blocks.{n}.attn.Wqkv                          blk.{n}.attn_qkv
            blocks.{n}.attn.q_ln                          blk.{n}.attn_q_norm
            blocks.{n}.attn.k_ln                          blk.{n}.attn_k_norm
            blocks.{n}.attn.out_proj                      blk.{n}.attn_output
            blocks.{n}.ffn.up_proj                        blk.{n}.ffn_up
            blocks.{n}.ffn.down_proj                      blk.{n}.ffn_down
            """;

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        Optional<Fields> attention = file.fields("attn_config");
        if (attention.isPresent() && attention.get().flag("prefix_lm", false)) {
            throw new ModelFormatException(
                    attention.get().at("prefix_lm"),
                    "expected a causal model, found one whose prompt sees what follows");
        }
        String kind = attention.flatMap(a -> a.string("attn_type")).orElse("multihead_attention");
        int keys = switch (kind) {
            case "multihead_attention" -> c.headCount();
            case "multiquery_attention" -> 1;
            case "grouped_query_attention" -> attention.get().requiredInteger("kv_n_heads");
            default -> throw new ModelFormatException(file.at("attn_config.attn_type"), "not supported: " + kind);
        };
        c.heads(c.headCount(), keys, c.hiddenSize() / Math.max(1, c.headCount()));
        double ratio = file.number("expansion_ratio").orElse(4);
        c.mlpSize((int) Math.clamp(ratio * c.hiddenSize(), 0, Integer.MAX_VALUE));
        c.normEpsilon(file.number("layer_norm_epsilon").orElse(1e-5));
        attention.ifPresent(a -> a.number("softmax_scale").ifPresent(c::attentionScale));
        boolean alibi = attention.map(a -> a.flag("alibi", true)).orElse(true);
        double most = attention.map(a -> a.number("alibi_bias_max").orElse(8)).orElse(8.0);
        finish(c, attention.map(a -> a.number("clip_qkv").orElse(0)).orElse(0.0), alibi ? most : 0);
        if (file.get("logit_scale").orElse(Json.Null.NULL) instanceof Json.Str) {
            c.logitScale(1 / Math.sqrt(c.hiddenSize())); // inv_sqrt_d_model
        } else {
            file.number("logit_scale").ifPresent(c::logitScale);
        }
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        finish(c, file.number(CLAMP).orElse(0), file.number(ALIBI).orElse(0));
    }

    private static void finish(ModelConfigBuilder c, double clamp, double most) {
        c.activation(Activation.GELU).withoutRope(i -> true);
        c.setting(CLAMP, clamp).setting(ALIBI, most);
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
        var plan = new LayerPlan(c);
        double most = c.setting(ALIBI);
        var embedding = most > 0
                ? w.embedding("token_embd", c.vocabSize(), c.hiddenSize())
                : w.embeddingWithPositions("token_embd", "position_embd", c.vocabSize(), c.hiddenSize());
        var blocks = w.blocks(
                "blk",
                c.layerCount(),
                b -> new Block(
                        b.layerNorm("attn_norm", c.hiddenSize()),
                        attention(c, plan, b),
                        b.layerNorm("ffn_norm", c.hiddenSize()),
                        Mlp.of(
                                c.activation(),
                                b.linear("ffn_up", c.mlpSize(), c.hiddenSize()),
                                b.linear("ffn_down", c.hiddenSize(), c.mlpSize()))));
        return new Decoder(
                embedding,
                blocks,
                w.layerNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private static Attention attention(ModelConfig c, LayerPlan plan, LayerWeights b) {
        var attention = Attention.of(
                plan.layer(b.index()), b.fusedQkv("attn_qkv"), b.linear("attn_output", c.hiddenSize(), c.queryWidth()));
        if (c.setting(CLAMP) > 0) {
            attention = attention.withClamp(new RowFunction.Clamp((float) c.setting(CLAMP)));
        }
        if (b.has("attn_q_norm")) {
            attention = attention.withHeadNorm(
                    b.layerNorm("attn_q_norm", c.queryWidth()), b.layerNorm("attn_k_norm", c.keyWidth()));
        }
        double most = c.setting(ALIBI);
        return most > 0 ? attention.withSlopes(b.numbers("slopes", AlibiSlopes.of(c.headCount(), most))) : attention;
    }

    private record Block(LayerNorm attnNorm, Attention attention, LayerNorm mlpNorm, Mlp mlp) implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var h = attnNorm.addThenNorm(residual, delta, step);
            h = attention.forward(h, step);
            h = mlpNorm.addThenNorm(residual, h, step);
            return mlp.forward(h, step);
        }
    }
}
