package dev.hearth.model.arch;

import dev.hearth.layer.Attention;
import dev.hearth.layer.Linear;
import dev.hearth.layer.Qkv;
import dev.hearth.layer.RmsNorm;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.LayerWeights;
import dev.hearth.model.ModelConfig;

/**
 * Attention of {@link Gemma3n} and {@link Gemma4}: queries, keys and values normed by head; layers without a mixer of their own
 * use the keys and values of the last layer of their kind that has some.
 */
final class GemmaAttention {
    private GemmaAttention() {}

    static Attention of(ModelConfig c, LayerPlan plan, LayerWeights b) {
        ModelConfig.Layer layer = c.layers().get(b.index());
        int dim = layer.headDim();
        int width = c.headCount() * dim;
        Linear query = b.linear("attn_q", width, c.hiddenSize());
        Linear output = b.linear("attn_output", c.hiddenSize(), width);
        RmsNorm queryNorm = b.rmsNorm("attn_q_norm", dim);
        if (!layer.mixer().attends()) {
            return Attention.sharing(plan.layer(c.keysOf(b.index())), query, output)
                    .withQueryNorm(queryNorm);
        }
        Linear key = b.linear("attn_k", layer.kvHeadCount() * dim, c.hiddenSize());
        Linear value = b.has("attn_v") ? b.linear("attn_v", layer.kvHeadCount() * dim, c.hiddenSize()) : key;
        return Attention.of(plan.layer(b.index()), new Qkv(query, key, value), output)
                .withHeadNorm(queryNorm, b.rmsNorm("attn_k_norm", dim))
                .withValueNorm(b.plainRmsNorm(dim));
    }
}
