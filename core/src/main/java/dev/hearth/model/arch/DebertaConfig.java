package dev.hearth.model.arch;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.layer.Dense;
import dev.hearth.layer.Linear;
import dev.hearth.model.HuggingFaceConfig;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelConfigBuilder;
import dev.hearth.model.RelativeConfig;
import dev.hearth.spi.Activation;
import java.util.List;

/** What config.json says of a {@link DebertaV2}, with the values that absent keys have in transformers. */
final class DebertaConfig {
    /** The setting that is the width of the embeddings' tables. */
    static final String EMBEDDING_SIZE = "embedding_size";

    /** The switch that positions have embeddings, whether or not distances count too. */
    static final String POSITIONS = "position_biased_input";

    /** The setting that is the number of types. */
    static final String TYPES = "type_vocab_size";

    private static final String POOLER = "pooler_hidden_act"; // index of the function; absent for tanh
    private static final List<Activation> FUNCTIONS = List.of(Activation.values());

    private DebertaConfig() {}

    static void configure(ModelConfigBuilder c, Fields file) {
        int kernelSize = file.integer("conv_kernel_size").orElse(0);
        if (kernelSize > 0) {
            throw new ModelFormatException(
                    file.at("conv_kernel_size"), "expected a model without convolution, found one of " + kernelSize);
        }
        if (!file.string(POOLER).orElse("gelu").equals("tanh")) {
            c.setting(POOLER, FUNCTIONS.indexOf(HuggingFaceConfig.activation(file, POOLER, "gelu")));
        }
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

    /** The product of the first token and the function that follows it. */
    static Dense pooler(ModelConfig c, Linear product) {
        return c.has(POOLER) ? Dense.of(product, FUNCTIONS.get((int) c.setting(POOLER))) : Dense.tanh(product);
    }
}
