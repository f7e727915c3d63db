package dev.hearth.model;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.spi.RoutingSpec;
import dev.hearth.spi.RoutingSpec.Groups;
import dev.hearth.spi.RoutingSpec.Rank;
import dev.hearth.spi.RoutingSpec.Scoring;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads what files say about a mixture of experts, under every name that it has. */
final class MoeConfig {
    private static final float SIGMOID_EPSILON = 1e-20f; // as published code adds it to sums of sigmoids

    private MoeConfig() {}

    /** That of a config.json; empty if it has no experts. */
    static Optional<ModelConfig.Moe> of(Fields file) {
        OptionalInt count = first(file, "num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts");
        OptionalInt used =
                first(file, "num_experts_per_tok", "num_experts_per_token", "moe_topk", "moe_k", "top_k_experts");
        if (count.isEmpty() || count.getAsInt() == 0 || used.isEmpty()) {
            return Optional.empty();
        }
        int size = first(file, "moe_intermediate_size").orElseGet(() -> file.requiredInteger("intermediate_size"));
        boolean normalised = file.flag("norm_topk_prob", false);
        boolean sigmoid = file.string("scoring_func").orElse("").equals("sigmoid");
        RoutingSpec routing = new RoutingSpec(
                used.getAsInt(),
                sigmoid ? Scoring.SIGMOID : Scoring.SOFTMAX,
                groups(
                        file.at("n_group"),
                        file.integer("n_group").orElse(1),
                        file.integer("topk_group").orElse(1)),
                normalised,
                sigmoid && normalised ? SIGMOID_EPSILON : 0,
                (float) file.number("routed_scaling_factor").orElse(1));
        return Optional.of(new ModelConfig.Moe(count.getAsInt(), size, shared(file, size), routing));
    }

    private static int shared(Fields file, int expertSize) {
        OptionalInt size = first(file, "shared_expert_intermediate_size", "shared_intermediate_size");
        int count = first(file, "n_shared_experts", "num_shared_experts", "num_shared_expert", "moe_num_shared_experts")
                .orElse(0);
        return size.orElseGet(() -> times(file.at("n_shared_experts"), count, expertSize));
    }

    /** That of a GGUF file; empty if it has no experts. */
    static Optional<ModelConfig.Moe> of(GgufKeys file) {
        int count = file.integer("expert_count", 0);
        if (count == 0) {
            return Optional.empty();
        }
        int[] dense = file.integers("feed_forward_length");
        int size = file.integer("expert_feed_forward_length", dense.length > 0 ? dense[0] : 0);
        int shared = file.integer("expert_shared_feed_forward_length")
                .orElseGet(() -> times(file.at("expert_shared_count"), file.integer("expert_shared_count", 0), size));
        Scoring scoring = scoring(file);
        boolean normalised = file.flag("expert_weights_norm", true);
        RoutingSpec routing = new RoutingSpec(
                file.required("expert_used_count"),
                scoring,
                groups(
                        file.at("expert_group_count"),
                        file.integer("expert_group_count", 1),
                        file.integer("expert_group_used_count", 1)),
                normalised,
                scoring == Scoring.SIGMOID && normalised ? SIGMOID_EPSILON : 0,
                (float) file.positive("expert_weights_scale", 1));
        return Optional.of(new ModelConfig.Moe(count, size, shared, routing));
    }

    /** llama.cpp's llama_expert_gating_func_type. */
    private static Scoring scoring(GgufKeys file) {
        int function = file.integer("expert_gating_func", 1);
        return switch (function) {
            case 0, 1 -> Scoring.SOFTMAX;
            case 2 -> Scoring.SIGMOID;
            case 3 -> Scoring.LOGIT_THEN_SOFTMAX;
            default ->
                throw new ModelFormatException(file.at("expert_gating_func"), "expected 0 to 3, found " + function);
        };
    }

    /** Groups judged by their best; a family that judges otherwise says so. */
    private static Groups groups(String place, int count, int used) {
        if (count <= 1) {
            return Groups.NONE;
        }
        if (used < 1 || used > count) {
            throw new ModelFormatException(place, "expected 1 to " + count + " groups a token, found " + used);
        }
        return new Groups(count, used, Rank.BEST);
    }

    private static int times(String place, int count, int size) {
        long product = (long) count * size;
        if (count < 0 || product > 1 << 28) {
            throw new ModelFormatException(place, "expected shared experts of at most 2^28 elements, found " + product);
        }
        return (int) product;
    }

    private static OptionalInt first(Fields file, String... names) {
        for (String name : names) {
            if (file.has(name)) {
                return file.integer(name);
            }
        }
        return OptionalInt.empty();
    }
}
