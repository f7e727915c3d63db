package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.layer.Attention;
import dev.hearth.layer.FeedForward;
import dev.hearth.layer.RmsNorm;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.FeedForwards;
import dev.hearth.model.GgufExport;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Qwen2, mixture of experts: Qwen2's attention; beside its experts each token uses a shared one, gated. arXiv:2407.10671, section 2.2.2. */
public final class Qwen2Moe implements Architecture {
    private static final String NAMES = """
            layers.{n}.mlp.gate                                blk.{n}.ffn_gate_inp
            layers.{n}.mlp.experts.{e}.gate_proj               blk.{n}.ffn_gate_exps
            layers.{n}.mlp.experts.{e}.up_proj                 blk.{n}.ffn_up_exps
            layers.{n}.mlp.experts.{e}.down_proj               blk.{n}.ffn_down_exps
            layers.{n}.mlp.shared_expert.gate_proj             blk.{n}.ffn_gate_shexp
            layers.{n}.mlp.shared_expert.up_proj               blk.{n}.ffn_up_shexp
            layers.{n}.mlp.shared_expert.down_proj             blk.{n}.ffn_down_shexp
            layers.{n}.mlp.shared_expert_gate                  blk.{n}.ffn_gate_inp_shexp
            """;

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        if (!file.has("layer_types")) {
            boolean windows = file.flag("use_sliding_window", false) && file.has("sliding_window");
            int first = file.integer("max_window_layers").orElse(28);
            c.slide(i -> windows && i >= first);
        }
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        boolean normalised = file.flag("expert_weights_norm", false); // llama.cpp never does
        c.moe(moe -> {
            var routed = normalised ? moe : moe.withRouting(moe.routing().notNormalised());
            return file.has("expert_shared_feed_forward_length") ? routed : routed.withSharedSize(c.mlpSize());
        });
    }

    @Override
    public void export(GgufExport gguf, ModelConfig c) {
        if (c.moe().orElseThrow(() -> c.missing("number of experts")).routing().normalised()) {
            throw gguf.unsaid("norm_topk_prob"); // llama.cpp never does
        }
        gguf.withoutWindows();
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
                        FeedForwards.of(c, b)));
        return new Decoder(
                embedding,
                blocks,
                w.rmsNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private record Block(RmsNorm attnNorm, Attention attention, RmsNorm mlpNorm, FeedForward mlp)
            implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var h = attnNorm.addThenNorm(residual, delta, step);
            h = attention.forward(h, step);
            h = mlpNorm.addThenNorm(residual, h, step);
            return mlp.forward(h, step);
        }
    }
}
