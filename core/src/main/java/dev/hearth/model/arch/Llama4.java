package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.layer.Attention;
import dev.hearth.layer.FeedForward;
import dev.hearth.layer.PreNormBlock;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.Experts.Fusion;
import dev.hearth.model.FeedForwards;
import dev.hearth.model.GgufExport;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.LayerWeights;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Weights;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.ExpertWeights;
import dev.hearth.spi.RopeSpec;
import dev.hearth.spi.RoutingSpec;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Llama 4, text: layers that see their chunk of positions and rotate, and some that see all and don't, whose queries grow with
 * the position instead; experts get weighted inputs beside a shared one. Meta AI 2025, The Llama 4 herd.
 */
public final class Llama4 implements Architecture {
    private static final String QK_NORM = "use_qk_norm";
    private static final String FLOOR = "attention.temperature_length";
    private static final String SCALE = "attention.temperature_scale";

    @Override
    public String tensorNames() {
        return """
                layers.{n}.feed_forward.gate_proj                  blk.{n}.ffn_gate
                layers.{n}.feed_forward.up_proj                    blk.{n}.ffn_up
                layers.{n}.feed_forward.down_proj                  blk.{n}.ffn_down
                layers.{n}.feed_forward.router                     blk.{n}.ffn_gate_inp
                =layers.{n}.feed_forward.experts.gate_up_proj      blk.{n}.ffn_gate_up_exps.weight
                =layers.{n}.feed_forward.experts.down_proj         blk.{n}.ffn_down_exps.weight
                layers.{n}.feed_forward.shared_expert.gate_proj    blk.{n}.ffn_gate_shexp
                layers.{n}.feed_forward.shared_expert.up_proj      blk.{n}.ffn_up_shexp
                layers.{n}.feed_forward.shared_expert.down_proj    blk.{n}.ffn_down_shexp
                """;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        int[] turns = file.integers("no_rope_layers"); // 0 marks a layer that has none
        int interval = Math.max(1, file.integer("no_rope_layer_interval").orElse(4));
        var types = file.array("layer_types");
        IntPredicate rotates = i -> i < turns.length ? turns[i] != 0 : (i + 1) % interval != 0;
        IntPredicate chunked = types.isEmpty()
                ? rotates
                : i -> i < types.get().size() && types.get().get(i).equals(new Json.Str("chunked_attention"));
        plan(c, file.integer("attention_chunk_size").orElse(AttentionSpec.NO_WINDOW), rotates, chunked);
        boolean tuned =
                !file.get("attn_temperature_tuning").orElse(new Json.Bool(true)).equals(new Json.Bool(false));
        c.setting(QK_NORM, file.flag(QK_NORM, true) ? 1 : 0);
        c.setting(FLOOR, file.number("floor_scale").orElse(8192));
        c.setting(SCALE, tuned ? file.number("attn_scale").orElse(0.1) : 0);
        c.mlpSize(file.integer("intermediate_size_mlp").orElse(c.mlpSize()));
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        int window = file.integer("attention.sliding_window", 8192); // 0: llama.cpp then rotates in every layer
        IntPredicate rotates = i -> window == 0 || (i + 1) % 4 != 0;
        plan(c, window == 0 ? AttentionSpec.NO_WINDOW : window, rotates, rotates);
        c.setting(QK_NORM, file.integer("expert_count", 0) == 128 ? 0 : 1)
                .setting(FLOOR, 8192)
                .setting(SCALE, 0.1);
    }

    private static void plan(ModelConfigBuilder c, int chunk, IntPredicate rotates, IntPredicate chunked) {
        c.pairing(RopeSpec.Pairing.NEIGHBOURS).slide(i -> false);
        c.layers((layer, i) -> rotates.test(i) ? layer : layer.withRope(Optional.empty()));
        c.layers((layer, i) -> chunked.test(i) ? layer.withChunk(chunk) : layer);
        c.moe(moe -> moe.withSharedSize(moe.expertSize())
                .withRouting(moe.routing()
                        .withScoring(RoutingSpec.Scoring.LOGIT_THEN_SIGMOID)
                        .notNormalised()));
    }

    @Override
    public void export(GgufExport gguf, ModelConfig c) {
        gguf.splitExperts(Fusion.COLUMNS).chunks().copied("interleave_moe_layer_step", 1);
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
        var plan = new LayerPlan(c);
        var embedding = w.embedding("token_embd", c.vocabSize(), c.hiddenSize());
        var blocks = w.blocks(
                "blk",
                c.layerCount(),
                b -> new PreNormBlock(
                        b.rmsNorm("attn_norm", c.hiddenSize()),
                        attention(c, plan, b),
                        b.rmsNorm("ffn_norm", c.hiddenSize()),
                        mlp(c, b)));
        return new Decoder(
                embedding,
                blocks,
                w.rmsNorm("output_norm", c.hiddenSize()),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    private static Attention attention(ModelConfig c, LayerPlan plan, LayerWeights b) {
        var entry = plan.layer(b.index());
        var attention = Attention.of(
                entry, b.qkv("attn_q", "attn_k", "attn_v"), b.linear("attn_output", c.hiddenSize(), c.queryWidth()));
        if (entry.rope().isPresent()) {
            return c.flag(QK_NORM)
                    ? attention.withHeadNormAfterRotation(b.plainRmsNorm(c.headDim()), b.plainRmsNorm(c.headDim()))
                    : attention;
        }
        var temperature = new RopeSpec.Temperature(c.size(FLOOR), c.setting(SCALE));
        return attention.withQueryScaling(RopeSpec.scaling(c.headDim(), temperature));
    }

    private static FeedForward mlp(ModelConfig c, LayerWeights b) {
        if (!b.has("ffn_gate_inp")) {
            return FeedForwards.dense(c, b);
        }
        var experts =
                b.experts().fusedOrStacked(Fusion.COLUMNS, c.activation()).withShare(ExpertWeights.Share.OF_INPUT);
        return FeedForwards.sparse(c, b, experts);
    }
}
