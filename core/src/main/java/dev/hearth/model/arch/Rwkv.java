package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.layer.ChannelMix;
import dev.hearth.layer.LayerNorm;
import dev.hearth.layer.TimeMix;
import dev.hearth.layer.TimeMix.Shifted;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.DecoderBlock;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.LayerWeights;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.Step;
import dev.hearth.model.Weights;
import dev.hearth.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** RWKV-4: no attention; tokens mixed with the one before, and a mean of values that decays. arXiv:2305.13048, section 3. */
public final class Rwkv implements Architecture {
    private static final String NAMES = """
            embeddings                                    token_embd
            blocks.{n}.pre_ln                             token_embd_norm
            blocks.{n}.ln1                                blk.{n}.attn_norm
            =blocks.{n}.attention.time_decay              blk.{n}.time_mix_decay
            =blocks.{n}.attention.time_first              blk.{n}.time_mix_first
            =blocks.{n}.attention.time_mix_key            blk.{n}.time_mix_lerp_k
            =blocks.{n}.attention.time_mix_value          blk.{n}.time_mix_lerp_v
            =blocks.{n}.attention.time_mix_receptance     blk.{n}.time_mix_lerp_r
            blocks.{n}.attention.key                      blk.{n}.time_mix_key
            blocks.{n}.attention.value                    blk.{n}.time_mix_value
            blocks.{n}.attention.receptance               blk.{n}.time_mix_receptance
            blocks.{n}.attention.output                   blk.{n}.time_mix_output
            blocks.{n}.ln2                                blk.{n}.attn_norm_2
            =blocks.{n}.feed_forward.time_mix_key         blk.{n}.channel_mix_lerp_k
            =blocks.{n}.feed_forward.time_mix_receptance  blk.{n}.channel_mix_lerp_r
            blocks.{n}.feed_forward.key                   blk.{n}.channel_mix_key
            blocks.{n}.feed_forward.value                 blk.{n}.channel_mix_value
            blocks.{n}.feed_forward.receptance            blk.{n}.channel_mix_receptance
            ln_out                                        output_norm
            head                                          output
            """;
    private static final String WIDTH = "attention_hidden_size";
    private static final String HALVING = "rescale_every";
    private static final float LAST_EPSILON = 1e-5f; // of the last norm, whatever the others'

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        double width = file.integer(WIDTH).orElse(c.hiddenSize());
        c.contextLength(file.integer("context_length").orElse(1024))
                .normEpsilon(file.number("layer_norm_epsilon").orElse(1e-5))
                .setting(WIDTH, width)
                .setting(HALVING, file.integer(HALVING).orElse(6))
                .withoutRope(i -> true)
                .recur(i -> true, 5.0 * c.hiddenSize() + 3 * width);
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
        var plan = new LayerPlan(c);
        var embedding = w.embedding("token_embd", c.vocabSize(), c.hiddenSize());
        var input = embedding.withNorm(w.layerNorm("token_embd_norm", c.hiddenSize()));
        var blocks = w.blocks(
                "blk",
                c.layerCount(),
                b -> new Block(
                        b.layerNorm("attn_norm", c.hiddenSize(), epsilon(c, b.index(), c.normEpsilon())),
                        timeMix(c, plan.recurrent(b.index()), b),
                        b.layerNorm("attn_norm_2", c.hiddenSize(), epsilon(c, b.index(), c.normEpsilon())),
                        channelMix(c, plan.recurrent(b.index()), b)));
        return new Decoder(
                input,
                blocks,
                w.layerNorm("output_norm", c.hiddenSize(), epsilon(c, c.layerCount(), LAST_EPSILON)),
                w.headOrTied("output", embedding),
                plan.groups());
    }

    /**
     * The epsilon of a norm before a layer. transformers halves what the layers yield every few layers; of that, which alters no
     * bit elsewhere, only the norms' epsilons notice something.
     */
    private static float epsilon(ModelConfig c, int layer, float epsilon) {
        int every = (int) c.setting(HALVING);
        return every > 0 ? (float) (epsilon * Math.pow(4, layer / every)) : epsilon;
    }

    /** The state: the last token for each product, five in all, then that of wkv. */
    private static TimeMix timeMix(ModelConfig c, LayerPlan.Recurrent place, LayerWeights b) {
        int hidden = c.hiddenSize();
        int width = c.size(WIDTH);
        return new TimeMix(
                place,
                new Shifted(
                        b.shift(place, "time_mix_lerp_r", hidden, 0), b.linear("time_mix_receptance", width, hidden)),
                new Shifted(b.shift(place, "time_mix_lerp_k", hidden, hidden), b.linear("time_mix_key", width, hidden)),
                new Shifted(
                        b.shift(place, "time_mix_lerp_v", hidden, 2 * hidden),
                        b.linear("time_mix_value", width, hidden)),
                b.negatedExponentials("time_mix_decay", width),
                b.vector("time_mix_first", width),
                5 * hidden,
                b.linear("time_mix_output", hidden, width));
    }

    private static ChannelMix channelMix(ModelConfig c, LayerPlan.Recurrent place, LayerWeights b) {
        int hidden = c.hiddenSize();
        return new ChannelMix(
                new Shifted(
                        b.shift(place, "channel_mix_lerp_r", hidden, 3 * hidden),
                        b.linear("channel_mix_receptance", hidden, hidden)),
                new Shifted(
                        b.shift(place, "channel_mix_lerp_k", hidden, 4 * hidden),
                        b.linear("channel_mix_key", c.mlpSize(), hidden)),
                b.linear("channel_mix_value", hidden, c.mlpSize()));
    }

    private record Block(LayerNorm norm, TimeMix timeMix, LayerNorm mlpNorm, ChannelMix channelMix)
            implements DecoderBlock {
        @Override
        public Tensor forward(Tensor residual, @Nullable Tensor delta, Step step) {
            var h = norm.addThenNorm(residual, delta, step);
            h = timeMix.forward(h, step);
            h = mlpNorm.addThenNorm(residual, h, step);
            return channelMix.forward(h, step);
        }
    }
}
