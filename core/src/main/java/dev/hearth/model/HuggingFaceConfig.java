package dev.hearth.model;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import dev.hearth.spi.Activation;
import dev.hearth.spi.AttentionSpec;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/**
 * Reads {@code config.json}, in the spelling of published models and in that of transformers 5: the keys that most families
 * share, under every name that they have; what else a family needs it reads in {@link Architecture#configure}.
 */
public final class HuggingFaceConfig {
    private final Fields config;
    private final String family;

    private HuggingFaceConfig(Fields config, String family) {
        this.config = config;
        this.family = family;
    }

    /**
     * The configuration of a text model; of a multimodal one its {@code text_config}.
     *
     * @throws ModelFormatException for a family that isn't known or numbers that mean nothing
     */
    public static ModelConfig read(Fields file) {
        Fields text = text(file);
        String modelType = modelType(file)
                .orElseThrow(() -> new ModelFormatException(file.at("model_type"), "expected a string, found nothing"));
        Architectures.Family family = Architectures.ofModelType(text.place(), modelType);
        ModelConfigBuilder builder = new HuggingFaceConfig(text, family.name()).common();
        family.architecture().configure(builder, text);
        return builder.build();
    }

    /** The {@code model_type} of a file's text model, empty if it has none. */
    static Optional<String> modelType(Fields file) {
        return text(file).string("model_type").or(() -> file.string("model_type"));
    }

    /** What a file says about the text model. */
    public static Fields text(Fields file) {
        return file.fields("text_config").orElse(file);
    }

    private ModelConfigBuilder common() {
        int hidden = required("hidden_size", "n_embd", "d_model", "dim");
        int heads = integer("num_attention_heads", "n_head", "n_heads").orElse(1);
        int headDim = config.integer("head_dim").orElse(heads > 0 ? hidden / heads : 0);
        ModelConfigBuilder c = new ModelConfigBuilder(config.place(), family)
                .vocabSize(config.requiredInteger("vocab_size"))
                .hiddenSize(hidden)
                .contextLength(integer("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "seq_length")
                        .orElse(2048))
                .normEpsilon(number("rms_norm_eps", "layer_norm_eps", "layer_norm_epsilon", "norm_epsilon", "norm_eps")
                        .orElse(1e-6));
        HuggingFaceRope rope = new HuggingFaceRope(config, headDim);
        c.plan(layerCount(), window(), rope.full(), rope.sliding())
                .slide(this::slides)
                .heads(heads, config.integer("num_key_value_heads").orElse(heads), headDim)
                .mlpSize(mlpSize(hidden));
        activation().ifPresent(c::activation);
        config.number("query_pre_attn_scalar").ifPresent(s -> c.attentionScale(Math.pow(s, -0.5)));
        config.number("attn_logit_softcapping").ifPresent(c::attentionSoftcap);
        config.number("final_logit_softcapping").ifPresent(c::logitSoftcap);
        MoeConfig.of(config).ifPresent(c::moe);
        c.setting(ModelConfig.LABELS_TEXTS, labelsTexts() ? 1 : 0);
        if (!config.flag("is_causal", true)) {
            c.bothWays();
        }
        return c;
    }

    private boolean labelsTexts() {
        return config.array("architectures").orElse(List.of()).stream()
                .anyMatch(a -> a instanceof Json.Str name && name.value().endsWith("ForSequenceClassification"));
    }

    private int layerCount() {
        OptionalInt given = integer("num_hidden_layers", "n_layer", "n_layers");
        List<String> names = layerNames(config);
        int count = given.isEmpty() && !names.isEmpty()
                ? names.size()
                : required("num_hidden_layers", "n_layer", "n_layers");
        if (count < 1 || count > 10_000) {
            throw new ModelFormatException(config.at("num_hidden_layers"), "expected 1 to 10000, found " + count);
        }
        return count;
    }

    /** What a file calls the kinds of its layers, in words or in letters; empty if it doesn't say. */
    public static List<String> layerNames(Fields file) {
        for (String key : new String[] {"layers_block_type", "layer_types"}) {
            if (file.has(key)) {
                return file.strings(key).orElseThrow();
            }
        }
        String letters = file.string("hybrid_override_pattern").orElse("");
        return letters.chars().mapToObj(Character::toString).toList();
    }

    /** The feed-forward size, that of the first layer where the file gives one for each. */
    private int mlpSize(int hidden) {
        for (String name : new String[] {"intermediate_size", "n_inner", "ffn_hidden_size", "hidden_dim", "ffn_dim"}) {
            int[] sizes = config.integers(name);
            if (sizes.length > 0) {
                return sizes[0];
            }
        }
        return (int) Math.min(4L * hidden, Integer.MAX_VALUE);
    }

    /** Empty where the file names none, or one whose parameters the family reads. */
    private Optional<Activation> activation() {
        for (String key : new String[] {"hidden_activation", "hidden_act", "activation_function"}) {
            if (config.has(key) && !config.string(key).orElse("").equals("xielu")) {
                return Optional.of(activation(config, key, ""));
            }
        }
        return Optional.empty();
    }

    /**
     * The function that a key names, {@code otherwise} if it is absent.
     *
     * @throws ModelFormatException if there is no such function here
     */
    public static Activation activation(Fields file, String key, String otherwise) {
        String name = file.string(key).orElse(otherwise);
        return activation(name)
                .orElseThrow(() -> new ModelFormatException(
                        file.at(key),
                        "expected silu, gelu, gelu_pytorch_tanh, quick_gelu, relu or relu2, found " + name));
    }

    /** The function of this name in transformers, empty if there is none here. */
    public static Optional<Activation> activation(String name) {
        return switch (name) {
            case "silu", "swish", "swiglu" -> Optional.of(Activation.SILU);
            case "gelu_pytorch_tanh", "gelu_new", "gelu_fast", "gelu_accurate", "gelu_python_tanh" ->
                Optional.of(Activation.GELU_TANH);
            case "gelu", "gelu_python", "geglu" -> Optional.of(Activation.GELU);
            case "quick_gelu" -> Optional.of(Activation.QUICK_GELU);
            case "relu" -> Optional.of(Activation.RELU);
            case "relu2" -> Optional.of(Activation.RELU_SQUARED);
            default -> Optional.empty();
        };
    }

    /** The window of sliding layers; required if the file says that there are any. */
    private int window() {
        boolean needed = config.array("layer_types").orElse(List.of()).stream()
                .anyMatch(t -> t.equals(new Json.Str("sliding_attention")));
        OptionalInt size = integer("sliding_window", "local_attention");
        return needed ? required("sliding_window", "local_attention") : size.orElse(AttentionSpec.NO_WINDOW);
    }

    /** Without {@code layer_types} every layer has the window that the file names. */
    private boolean slides(int layer) {
        Optional<List<Json>> types = config.array("layer_types");
        if (types.isEmpty()) {
            return config.has("sliding_window");
        }
        int count = layerCount();
        if (types.get().size() != count) {
            throw new ModelFormatException(
                    config.at("layer_types"),
                    "expected " + count + " entries, found " + types.get().size());
        }
        Json type = types.get().get(layer);
        if (type instanceof Json.Str name) {
            return name.value().equals("sliding_attention");
        }
        throw new ModelFormatException(config.at("layer_types"), "expected names, found " + type.kind());
    }

    /**
     * Which layers {@code layer_types} calls so, by index from 0; empty if the file has no such key.
     *
     * @throws ModelFormatException if it calls one neither so nor by one of the other names
     */
    public static Optional<IntPredicate> layersOfType(Fields file, String type, String... others) {
        Set<String> known = new TreeSet<>(List.of(others));
        known.add(type);
        return file.array("layer_types").map(types -> {
            for (Json name : types) {
                if (!(name instanceof Json.Str string && known.contains(string.value()))) {
                    throw new ModelFormatException(
                            file.at("layer_types"),
                            "expected " + String.join(" or ", known) + ", found "
                                    + (name instanceof Json.Str string ? string.value() : name.kind()));
                }
            }
            return i -> i < types.size() && types.get(i).equals(new Json.Str(type));
        });
    }

    private int required(String... names) {
        OptionalInt value = integer(names);
        return value.isPresent() ? value.getAsInt() : config.requiredInteger(names[0]);
    }

    private OptionalInt integer(String... names) {
        for (String name : names) {
            if (config.has(name)) {
                return config.integer(name);
            }
        }
        return OptionalInt.empty();
    }

    private OptionalDouble number(String... names) {
        for (String name : names) {
            if (config.has(name)) {
                return config.number(name);
            }
        }
        return OptionalDouble.empty();
    }
}
