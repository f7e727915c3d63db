package dev.hearth.cli;

import dev.hearth.BareModel;
import dev.hearth.format.TensorEntry;
import dev.hearth.model.LayerPlan;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.StateSpec;
import dev.hearth.spi.CacheType;
import java.util.List;
import java.util.Set;

/**
 * Bytes that a step of decoding has to read: every weight that a token meets, once, and the keys and values of each sequence.
 *
 * @param weightBytes of weights that every token meets
 * @param expertBytes of all experts
 * @param expertPart of the experts, what one token meets: 0 to 1
 * @param states what is kept for each sequence
 */
record Traffic(long weightBytes, long expertBytes, double expertPart, List<StateSpec> states, CacheType cache) {
    private static final String EMBEDDING = "token_embd.weight";
    private static final String HEAD = "output.weight";
    /** Tables of which a token reads a row. */
    private static final Set<String> TABLES =
            Set.of("per_layer_token_embd.weight", "position_embd.weight", "token_types.weight");

    static Traffic of(BareModel model) {
        ModelConfig config = model.config();
        String head = headName(model);
        long weights = 0;
        long experts = 0;
        for (TensorEntry tensor : model.tensors()) {
            if (isOfExperts(tensor.name())) {
                experts += tensor.bytes();
            } else if (!isTable(tensor.name())
                    && (!isVocabulary(tensor.name()) || tensor.name().equals(head))) {
                weights += tensor.bytes();
            }
        }
        return new Traffic(weights, experts, expertPart(config), new LayerPlan(config).groups(), model.cacheType());
    }

    /** Whether a token reads only a row of the tensor. */
    static boolean isTable(String name) {
        return TABLES.contains(name);
    }

    /** Whether the tensor has a row a word. */
    static boolean isVocabulary(String name) {
        return name.equals(EMBEDDING) || name.equals(HEAD);
    }

    /** Whether the tensor is of many experts. */
    static boolean isOfExperts(String name) {
        return name.contains("_exps.");
    }

    /** The tensor that logits come from. */
    static String headName(BareModel model) {
        return model.tensors().stream().anyMatch(t -> t.name().equals(HEAD)) ? HEAD : EMBEDDING;
    }

    /** What part of the experts a token meets. */
    static double expertPart(ModelConfig config) {
        return config.moe().map(m -> (double) m.usedCount() / m.expertCount()).orElse(1.0);
    }

    /** Bytes of a step that appends a token to each of so many sequences of {@code position} tokens, experts chosen evenly. */
    double stepBytes(int sequences, double position) {
        double met = 1 - Math.pow(1 - expertPart, sequences);
        return weightBytes + met * expertBytes + sequences * stateBytes(position);
    }

    private double stateBytes(double position) {
        double bytes = 0;
        for (StateSpec state : states) {
            bytes += switch (state) {
                case StateSpec.Kv kv ->
                    Math.min(kv.window(), position) * kv.layout(1, cache).pageBytes();
                case StateSpec.Recurrent recurrent -> recurrent.layout().slotBytes();
            };
        }
        return bytes;
    }
}
