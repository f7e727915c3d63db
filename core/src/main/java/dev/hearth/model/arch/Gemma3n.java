package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.AltUp;
import dev.hearth.layer.MergedStreams;
import dev.hearth.layer.PerLayerEmbedding;
import dev.hearth.layer.StreamEmbedding;
import dev.hearth.model.Architecture;
import dev.hearth.model.Decoder;
import dev.hearth.model.GgufKeys;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.RopeConfig;
import dev.hearth.model.RopeScaling;
import dev.hearth.model.Weights;
import dev.hearth.spi.Activation;
import dev.hearth.spi.RopeSpec;
import dev.hearth.spi.RowFunction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Gemma 3n, text: Gemma 3's norms over several hidden states, a low-rank path beside attention, an input of its own for each
 * layer, sparse gates in the first layers, last layers that share keys and values. Google DeepMind 2025, Gemma 3n model card.
 */
public final class Gemma3n implements Architecture {
    private static final String SIZE = "embedding_length_per_layer_input";
    private static final String TABLE = "vocab_size_per_layer_input";
    private static final String STREAMS = "altup.num_inputs";
    private static final String ACTIVE = "altup.active_idx";
    static final String SCALED = "altup.correct_scale";
    static final String SPARSITY = "activation_sparsity_scale"; // deviations a layer, -infinity for a dense one
    static final String RANK = "laurel_rank";
    private static final int SPARSE_LAYERS = 10;
    private static final double LOCAL_BASE = 10_000;
    private static final String NAMES = """
            embed_tokens_per_layer                        per_layer_token_embd
            per_layer_model_projection                    per_layer_model_proj
            per_layer_projection_norm                     per_layer_proj_norm
            altup_projections.{n}                         altup_proj.{n}
            altup_unembed_projections.{n}                 altup_unembd_proj.{n}
            layers.{n}.post_attention_layernorm           blk.{n}.post_attention_norm
            layers.{n}.pre_feedforward_layernorm          blk.{n}.ffn_norm
            layers.{n}.post_feedforward_layernorm         blk.{n}.post_ffw_norm
            layers.{n}.per_layer_input_gate               blk.{n}.inp_gate
            layers.{n}.per_layer_projection               blk.{n}.proj
            layers.{n}.post_per_layer_input_norm          blk.{n}.post_norm
            layers.{n}.altup.router_norm                  blk.{n}.altup_router_norm
            layers.{n}.altup.modality_router              blk.{n}.altup_router
            layers.{n}.altup.prediction_coefs             blk.{n}.altup_predict_coef
            layers.{n}.altup.correction_coefs             blk.{n}.altup_correct_coef
            =layers.{n}.altup.correct_output_scale        blk.{n}.altup_correct_scale.weight
            layers.{n}.laurel.linear_left                 blk.{n}.laurel_l
            layers.{n}.laurel.linear_right                blk.{n}.laurel_r
            layers.{n}.laurel.post_laurel_norm            blk.{n}.laurel_post_norm
            """;

    @Override
    public String tensorNames() {
        return NAMES;
    }

    @Override
    public void configure(ModelConfigBuilder c, Fields file) {
        if (!file.has("layer_types")) {
            c.slide(i -> (i + 1) % 5 != 0);
        }
        int[] sizes = file.integers("intermediate_size");
        finish(c, sizes, file.integer("num_kv_shared_layers").orElse(15));
        c.setting(SIZE, file.integer("hidden_size_per_layer_input").orElse(256))
                .setting(TABLE, file.integer("vocab_size_per_layer_input").orElse(262_144))
                .setting(STREAMS, file.integer("altup_num_inputs").orElse(4))
                .setting(ACTIVE, file.integer("altup_active_idx").orElse(0))
                .setting(SCALED, file.flag("altup_correct_scale", true) ? 1 : 0)
                .setting(RANK, file.integer("laurel_rank").orElse(64))
                .setting(SPARSITY, deviations(c.layerCount(), file));
    }

    private static List<Double> deviations(int layers, Fields file) {
        List<Double> dropped =
                new ArrayList<>(file.numbers("activation_sparsity_pattern").orElse(List.of()));
        if (dropped.isEmpty()) {
            dropped.addAll(Collections.nCopies(layers > SPARSE_LAYERS ? SPARSE_LAYERS : 0, 0.95));
            dropped.addAll(Collections.nCopies(layers - dropped.size(), 0.0));
        }
        if (dropped.size() != layers || !dropped.stream().allMatch(p -> p >= 0 && p < 1)) {
            throw new ModelFormatException(
                    file.at("activation_sparsity_pattern"),
                    "expected a part from 0 to below 1 for each of " + layers + " layers, found " + dropped);
        }
        return dropped.stream().map(RowFunction.Sparse::deviationsDropping).toList();
    }

    private static void finish(ModelConfigBuilder c, int[] sizes, int shared) {
        c.activation(Activation.GELU_TANH)
                .embeddingScale(Math.sqrt(c.hiddenSize()))
                .attentionScale(1)
                .layers((layer, i) -> sizes.length > i ? layer.withMlpSize(sizes[i]) : layer)
                .layers((layer, i) -> i < c.layerCount() - shared ? layer : layer.withMixer(ModelConfig.Mixer.SHARED));
    }

    @Override
    public void configure(ModelConfigBuilder c, GgufKeys file) {
        double base = file.number("rope.freq_base_swa").orElse(LOCAL_BASE);
        c.slidingRope(new RopeConfig(base, c.headDim(), new RopeScaling.None(), RopeSpec.Pairing.HALVES));
        c.slide(file.slides(5));
        finish(c, file.integers("feed_forward_length"), file.integer("attention.shared_kv_layers", 0));
        c.setting(SIZE, file.required(SIZE))
                .setting(TABLE, file.rows("per_layer_token_embd.weight"))
                .setting(STREAMS, file.integer(STREAMS, 4))
                .setting(ACTIVE, file.integer(ACTIVE, 0))
                .setting(SCALED, 1)
                .setting(RANK, file.rows("blk.0.laurel_l.weight"))
                .setting(SPARSITY, file.numbers(SPARSITY));
    }

    @Override
    public Decoder build(ModelConfig c, Weights w) {
        var plan = new LayerPlan(c);
        int hidden = c.hiddenSize();
        var sizes = new AltUp.Sizes(c.size(STREAMS), (int) c.setting(ACTIVE), hidden);
        int size = c.size(SIZE);
        int width = Math.multiplyExact(c.layerCount(), size);
        var embedding = w.embedding("token_embd", c.vocabSize(), hidden);
        var tokens = new PerLayerEmbedding(
                embedding,
                w.table("per_layer_token_embd", c.size(TABLE), width),
                w.linear("per_layer_model_proj", width, hidden),
                w.rmsNorm("per_layer_proj_norm", size),
                size);
        var input = new StreamEmbedding(tokens, w.linears("altup_proj", sizes.count() - 1, hidden, hidden));
        var blocks = w.blocks("blk", c.layerCount(), b -> Gemma3nBlock.of(c, plan, b, sizes, size));
        return new Decoder(
                input,
                blocks,
                new MergedStreams(
                        w.rmsNorm("output_norm", hidden),
                        w.linears("altup_unembd_proj", sizes.count() - 1, hidden, hidden),
                        hidden),
                w.headOrTied("output", embedding),
                plan.groups());
    }
}
