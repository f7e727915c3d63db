package dev.hearth.adapter;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** adapter_config.json of PEFT: how the parts of a low-rank adapter are scaled. Refuses what cannot be merged into weights. */
final class AdapterConfig {
    /** Ways to start training that change the base model's weights, which the adapter's file doesn't have. */
    private static final List<String> CHANGED_BASE = List.of("pissa", "olora", "corda", "loftq", "lora_ga");

    private final Fields fields;

    /** @throws ModelFormatException if the adapter is of another kind or works in a way that weights alone can't show */
    AdapterConfig(Fields fields) {
        this.fields = fields;
        String type = fields.string("peft_type").orElse("");
        if (!type.equals("LORA")) {
            throw new ModelFormatException(fields.at("peft_type"), "expected LORA, found " + type);
        }
        refuse("layer_replication", "layers cannot be repeated");
        refuse("alora_invocation_tokens", "an adapter that works from a token on cannot be merged into weights");
        refuse("arrow_config", "a choice among adapters for each token cannot be merged into weights");
        refuse("target_parameters", "adapters of parameters that are no modules are not merged");
        refuse("trainable_token_indices", "adapters with tokens of their own are not merged");
        refuse("kasa_config", "this variant of adapters is not merged");
        refuse("monteclora_config", "this variant of adapters is not merged");
        refuse("use_qalora", "this variant of adapters is not merged");
        refuse("use_bdlora", "this variant of adapters is not merged");
        fields.get("init_lora_weights").ifPresent(start -> {
            if (start instanceof Json.Str(String name) && CHANGED_BASE.stream().anyMatch(name::startsWith)) {
                throw new ModelFormatException(
                        fields.at("init_lora_weights"),
                        "training from " + name + " changed the base model too; convert the adapter to a plain one");
            }
        });
    }

    /** What the product of a module's two matrices is multiplied by. */
    float scaling(String module) {
        double rank = rank(module);
        double alpha = pattern("alpha_pattern", module)
                .orElseGet(() -> fields.number("lora_alpha").orElse(8));
        return (float) (alpha / (fields.flag("use_rslora", false) ? Math.sqrt(rank) : rank));
    }

    /** Rows of the first matrix of a module, columns of the second. */
    long rank(String module) {
        double rank = pattern("rank_pattern", module)
                .orElseGet(() -> fields.number("r").orElse(8));
        if (!(rank >= 1) || rank > Integer.MAX_VALUE || rank != Math.rint(rank)) {
            throw new ModelFormatException(fields.at("r"), "expected a whole number of at least 1, found " + rank);
        }
        return (long) rank;
    }

    /** Whether a square weight is stored with its columns as rows. */
    boolean storesColumns() {
        return fields.flag("fan_in_fan_out", false);
    }

    /** Whether the output matrix is to follow the embedding where the model has one for both. */
    boolean keepsTies() {
        return fields.flag("ensure_weight_tying", false);
    }

    /** The number for the first pattern that fits a module; as {@code peft.utils.other.get_pattern_key}. */
    private Optional<Double> pattern(String name, String module) {
        Optional<Fields> patterns = fields.fields(name);
        if (patterns.isEmpty()) {
            return Optional.empty();
        }
        for (Map.Entry<String, Json> entry : patterns.get().object().members().entrySet()) {
            String at = patterns.get().at(entry.getKey());
            if (NamePattern.of(at, "(.*\\.)?(" + entry.getKey() + ")").matches(module)) {
                return Optional.of(patterns.get()
                        .number(entry.getKey())
                        .orElseThrow(() -> new ModelFormatException(at, "expected a number, found nothing")));
            }
        }
        return Optional.empty();
    }

    /** Refuses a setting that is there and neither false nor empty. */
    private void refuse(String name, String reason) {
        fields.get(name).ifPresent(value -> {
            boolean unused = value instanceof Json.Bool(boolean on) && !on
                    || value instanceof Json.Arr(List<Json> elements) && elements.isEmpty()
                    || value instanceof Json.Obj(Map<String, Json> members) && members.isEmpty();
            if (!unused) {
                throw new ModelFormatException(fields.at(name), "expected none, found " + value.kind() + ": " + reason);
            }
        });
    }
}
