package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.CentredConvolution;
import dev.hearth.layer.Dense;
import dev.hearth.layer.Linear;
import dev.hearth.model.CentredTaps;
import dev.hearth.model.HuggingFaceConfig;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.RelativeConfig;
import dev.hearth.model.Weights;
import dev.hearth.spi.Activation;
import java.util.List;
import java.util.Optional;

/** What config.json says of a {@link DebertaV2}, with the values that absent keys have in transformers. */
final class DebertaConfig {
    /** The setting that is the width of the embeddings' tables. */
    static final String EMBEDDING_SIZE = "embedding_size";

    /** The switch that positions have embeddings, whether or not distances count too. */
    static final String POSITIONS = "position_biased_input";

    /** The setting that is the number of types. */
    static final String TYPES = "type_vocab_size";

    private static final String POOLER = "pooler_hidden_act"; // functions are settings by their index, tanh is none
    private static final String KERNEL_SIZE = "conv_kernel_size";
    private static final String GROUPS = "conv_groups";
    private static final String FUNCTION = "conv_act";
    private static final List<Activation> FUNCTIONS = List.of(Activation.values());

    private DebertaConfig() {}

    static void configure(ModelConfigBuilder c, Fields file) {
        function(c, file, POOLER, "gelu");
        configureConvolution(c, file);
        c.setting(EMBEDDING_SIZE, file.integer(EMBEDDING_SIZE).orElse(c.hiddenSize()))
                .setting(POSITIONS, file.flag(POSITIONS, true) ? 1 : 0)
                .setting(TYPES, file.integer(TYPES).orElse(0))
                .heads(
                        c.headCount(),
                        c.headCount(),
                        file.integer("attention_head_size").orElse(c.headDim()))
                .contextLength(file.integer("max_position_embeddings").orElse(512))
                .normEpsilon(file.number("layer_norm_eps").orElse(1e-7))
                .activation(HuggingFaceConfig.activation(file, "hidden_act", "gelu"))
                .withoutRope(i -> true)
                .bothWays();
        RelativeConfig.configure(c, file);
    }

    private static void configureConvolution(ModelConfigBuilder c, Fields file) {
        int size = file.integer(KERNEL_SIZE).orElse(0);
        int groups = file.integer(GROUPS).orElse(1);
        if (size <= 0) {
            return;
        }
        if (size % 2 == 0 || groups < 1 || c.hiddenSize() % groups != 0) {
            throw new ModelFormatException(
                    file.at(KERNEL_SIZE),
                    "expected an odd size and groups that " + c.hiddenSize() + " divides into, found " + size + " and "
                            + groups);
        }
        c.setting(KERNEL_SIZE, size).setting(GROUPS, groups);
        function(c, file, FUNCTION, "tanh");
    }

    private static void function(ModelConfigBuilder c, Fields file, String key, String otherwise) {
        if (!file.string(key).orElse(otherwise).equals("tanh")) {
            c.setting(key, FUNCTIONS.indexOf(HuggingFaceConfig.activation(file, key, otherwise)));
        }
    }

    /** Empty for tanh. */
    private static Optional<Activation> function(ModelConfig c, String key) {
        return c.has(key) ? Optional.of(FUNCTIONS.get((int) c.setting(key))) : Optional.empty();
    }

    /** The product of the first token and the function that follows it. */
    static Dense pooler(ModelConfig c, Linear product) {
        return function(c, POOLER).map(f -> Dense.of(product, f)).orElseGet(() -> Dense.tanh(product));
    }

    /** The convolution beside the first block, if there is one. */
    static Optional<CentredConvolution> convolution(ModelConfig c, Weights w, String name) {
        return c.has(KERNEL_SIZE)
                ? Optional.of(new CentredConvolution(
                        CentredTaps.of(w, name, c.hiddenSize(), c.size(GROUPS), c.size(KERNEL_SIZE)),
                        function(c, FUNCTION)))
                : Optional.empty();
    }
}
