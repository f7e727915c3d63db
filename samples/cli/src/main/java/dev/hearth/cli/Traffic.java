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
    /** Tables of which a token reads a row. */
    private static final Set<String> TABLES =
            Set.of("per_layer_token_embd.weight", "position_embd.weight", "token_types.weight");

    static Traffic of(BareModel model) {
        ModelConfig config = model.config();
        boolean tied = model.tensors().stream().noneMatch(t -> t.name().equals("output.weight"));
        long weights = 0;
        long experts = 0;
        for (TensorEntry tensor : model.tensors()) {
            if (tensor.name().contains("_exps.")) {
                experts += tensor.bytes();
            } else if (!TABLES.contains(tensor.name())
                    && (tied || !tensor.name().equals("token_embd.weight"))) {
                weights += tensor.bytes();
            }
        }
        double part =
                config.moe().map(m -> (double) m.usedCount() / m.expertCount()).orElse(1.0);
        return new Traffic(weights, experts, part, new LayerPlan(config).groups(), model.cacheType());
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
