package dev.hearth.model;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.GatedDelta;
import dev.hearth.layer.Linear;
import dev.hearth.spi.ConvolutionSpec;
import dev.hearth.spi.DeltaSpec;
import dev.hearth.spi.DeltaSpec.Sharing;
import dev.hearth.spi.Weight;
import java.util.List;
import java.util.function.IntPredicate;

/** Reads linear attention by the gated delta rule: which layers have it, its sizes, and its tensors by llama.cpp's names. */
public final class DeltaWeights {
    /** What files of the Hugging Face layout call its tensors, the products fused by key head or apart. */
    public static final String NAMES = """
            layers.{n}.linear_attn.in_proj_qkvz                blk.{n}.ssm_in
            layers.{n}.linear_attn.in_proj_ba                  blk.{n}.ssm_ba
            layers.{n}.linear_attn.in_proj_qkv                 blk.{n}.attn_qkv
            layers.{n}.linear_attn.in_proj_z                   blk.{n}.attn_gate
            layers.{n}.linear_attn.in_proj_a                   blk.{n}.ssm_alpha
            layers.{n}.linear_attn.in_proj_b                   blk.{n}.ssm_beta
            layers.{n}.linear_attn.conv1d                      blk.{n}.ssm_conv1d
            =layers.{n}.linear_attn.dt_bias                    blk.{n}.ssm_dt.bias
            =layers.{n}.linear_attn.A_log                      blk.{n}.ssm_a_log
            layers.{n}.linear_attn.norm                        blk.{n}.ssm_norm
            layers.{n}.linear_attn.out_proj                    blk.{n}.ssm_out
            """;

    private static final String KERNEL = "ssm.conv_kernel";
    private static final String KEY_DIM = "ssm.state_size";
    private static final String KEY_HEADS = "ssm.group_count";
    private static final String VALUE_HEADS = "ssm.time_step_rank";
    private static final String VALUE_WIDTH = "ssm.inner_size";
    private static final String TURNS = "ssm.turns"; // a file in which value heads share key heads in turns
    private static final int INTERVAL = 4; // from one layer of full attention to the next, where a file doesn't say

    private final ModelConfig config;
    private final LayerPlan plan;
    private final DeltaSpec spec;
    private final ConvolutionSpec convolution;

    /** Of a planned model. @throws ModelFormatException if sizes don't fit each other */
    public DeltaWeights(ModelConfig config, LayerPlan plan) {
        this.config = config;
        this.plan = plan;
        int keyHeads = config.size(KEY_HEADS);
        int valueHeads = config.size(VALUE_HEADS);
        int width = config.size(VALUE_WIDTH);
        if (valueHeads % keyHeads != 0 || width % valueHeads != 0) {
            throw new ModelFormatException(
                    config.place(),
                    "expected " + VALUE_HEADS + " to be a multiple of " + KEY_HEADS + " and " + VALUE_WIDTH
                            + " one of that, found " + valueHeads + ", " + keyHeads + " and " + width);
        }
        int kernel = config.size(KERNEL);
        int dim = config.size(KEY_DIM);
        this.convolution = new ConvolutionSpec(kernel, true, 0);
        this.spec = new DeltaSpec(
                keyHeads,
                valueHeads,
                dim,
                width / valueHeads,
                config.flag(TURNS) ? Sharing.TURNS : Sharing.NEIGHBOURS,
                (2 * keyHeads * dim + width) * (kernel - 1));
    }

    /** Which layers have it, and its sizes, by a config.json. */
    public static void configure(ModelConfigBuilder c, Fields file) {
        int heads = file.requiredInteger("linear_num_value_heads");
        double state = sizes(
                c,
                file.integer("linear_conv_kernel_dim").orElse(4),
                file.requiredInteger("linear_num_key_heads"),
                file.requiredInteger("linear_key_head_dim"),
                heads,
                (double) heads * file.requiredInteger("linear_value_head_dim"));
        int interval = file.integer("full_attention_interval").orElse(INTERVAL);
        c.recur(
                HuggingFaceConfig.layersOfType(file, "linear_attention", "full_attention")
                        .orElse(everyButLast(interval)),
                state);
    }

    /** Which layers have it, and its sizes, by GGUF metadata. */
    public static void configure(ModelConfigBuilder c, GgufKeys file) {
        double state = sizes(
                c,
                file.required(KERNEL),
                file.required(KEY_HEADS),
                file.required(KEY_DIM),
                file.required(VALUE_HEADS),
                file.required(VALUE_WIDTH));
        int interval = file.integer("full_attention_interval", INTERVAL);
        c.recur(file.chosen("attention.recurrent_layers").orElse(everyButLast(interval)), state);
    }

    /** Of every so many layers all but the last. */
    private static IntPredicate everyButLast(int interval) {
        return i -> interval < 1 || (i + 1) % interval != 0;
    }

    /** Keeps the sizes; returns how many numbers the state of a layer has. */
    private static double sizes(
            ModelConfigBuilder c, double kernel, double keyHeads, double keyDim, double valueHeads, double values) {
        c.setting(KERNEL, kernel)
                .setting(KEY_HEADS, keyHeads)
                .setting(KEY_DIM, keyDim)
                .setting(VALUE_HEADS, valueHeads)
                .setting(VALUE_WIDTH, values);
        return (2 * keyHeads * keyDim + values) * (kernel - 1) + values * keyDim;
    }

    /** For a file whose value heads share key heads in turns, as llama.cpp stores Qwen3.5. */
    public static void inTurns(ModelConfigBuilder c) {
        c.setting(TURNS, 1);
    }

    /** The layer. @throws ModelFormatException if a tensor is missing or has another shape than the configuration says */
    public GatedDelta read(LayerWeights b) {
        int hidden = config.hiddenSize();
        int values = spec.valueHeadCount() * spec.valueDim();
        int channels = 2 * spec.keyHeadCount() * spec.keyDim() + values;
        LayerPlan.Recurrent place = plan.recurrent(b.index());
        return new GatedDelta(
                place,
                spec,
                products(b, channels, values),
                b.convolution(place, "ssm_conv1d", channels, convolution),
                decay(b),
                b.vector("ssm_dt.bias", spec.valueHeadCount()),
                b.rmsNorm("ssm_norm", spec.valueDim(), config.normEpsilon()),
                b.linear("ssm_out", hidden, values));
    }

    private GatedDelta.Products products(LayerWeights b, int channels, int values) {
        int hidden = config.hiddenSize();
        int groups = spec.keyHeadCount();
        int heads = spec.valueHeadCount();
        Linear mixed;
        Linear gate;
        if (b.has("attn_qkv")) {
            mixed = b.linear("attn_qkv", channels, hidden);
            gate = b.linear("attn_gate", values, hidden);
        } else {
            int own = values / groups;
            List<Linear> parts =
                    b.grouped("ssm_in", groups, List.of(spec.keyDim(), spec.keyDim(), own, own), List.of(3, 1));
            mixed = parts.get(0);
            gate = parts.get(1);
        }
        if (b.has("ssm_ba")) {
            List<Linear> parts = b.grouped("ssm_ba", groups, List.of(heads / groups, heads / groups), List.of(1, 1));
            return new GatedDelta.Products(mixed, gate, parts.get(1), parts.get(0));
        }
        return new GatedDelta.Products(
                mixed, gate, b.linear("ssm_alpha", heads, hidden), b.linear("ssm_beta", heads, hidden));
    }

    private Weight decay(LayerWeights b) {
        return b.hasTensor("ssm_a")
                ? b.vector("ssm_a", spec.valueHeadCount())
                : b.negatedExponentials("ssm_a_log", spec.valueHeadCount());
    }
}
