package dev.hearth.model;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import dev.hearth.spi.Activation;
import dev.hearth.spi.AttentionSpec;
import dev.hearth.spi.RopeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** Reads {@code config.json}, in the spelling of published models and in that of transformers 5. */
public final class HuggingFaceConfig {
    private final Fields config;
    private final String modelType;
    private final String architecture;

    private HuggingFaceConfig(Fields config, String modelType) {
        this.config = config;
        this.modelType = modelType;
        this.architecture = Architectures.ofModelType(config.place(), modelType);
    }

    /**
     * The configuration of a text model; of a multimodal one its {@code text_config}.
     *
     * @throws ModelFormatException for a family that isn't known or numbers that mean nothing
     */
    public static ModelConfig read(Fields file) {
        Fields text = file.fields("text_config").orElse(file);
        String modelType = text.string("model_type")
                .or(() -> file.string("model_type"))
                .orElseThrow(() -> new ModelFormatException(file.at("model_type"), "expected a string, found nothing"));
        return new HuggingFaceConfig(text, modelType).model();
    }

    private ModelConfig model() {
        int hidden = config.requiredInteger("hidden_size");
        int heads = config.requiredInteger("num_attention_heads");
        int headDim = config.integer("head_dim").orElse(heads > 0 ? hidden / heads : 0);
        boolean gemma = architecture.startsWith("gemma");
        return new ModelConfig(
                config.place(),
                architecture,
                config.requiredInteger("vocab_size"),
                hidden,
                config.integer("max_position_embeddings").orElse(2048),
                heads,
                config.integer("num_key_value_heads").orElse(heads),
                headDim,
                config.requiredInteger("intermediate_size"),
                (float) config.number("rms_norm_eps").orElse(1e-6),
                activation(),
                layers(headDim),
                (float) Math.pow(config.number("query_pre_attn_scalar").orElse(headDim), -0.5),
                (float) config.number("attn_logit_softcapping").orElse(0),
                (float) config.number("final_logit_softcapping").orElse(0),
                gemma ? (float) Math.sqrt(hidden) : 1,
                gemma ? 1 : 0,
                moe());
    }

    private Activation activation() {
        String name = config.string("hidden_activation")
                .or(() -> config.string("hidden_act"))
                .orElse("silu");
        return switch (name) {
            case "silu", "swish" -> Activation.SILU;
            case "gelu_pytorch_tanh", "gelu_new", "gelu_fast" -> Activation.GELU_TANH;
            case "gelu" -> {
                if (architecture.startsWith("gemma")) { // early files say gelu and mean the tanh form
                    yield Activation.GELU_TANH;
                }
                throw unknownActivation(name);
            }
            default -> throw unknownActivation(name);
        };
    }

    private ModelFormatException unknownActivation(String name) {
        return new ModelFormatException(config.at("hidden_act"), "expected silu or gelu_pytorch_tanh, found " + name);
    }

    private Optional<ModelConfig.Moe> moe() {
        var count = config.integer("num_local_experts");
        if (count.isEmpty()) {
            count = config.integer("num_experts");
        }
        if (count.isEmpty() || config.integer("num_experts_per_tok").isEmpty()) {
            return Optional.empty();
        }
        int size = config.integer("moe_intermediate_size").orElseGet(() -> config.requiredInteger("intermediate_size"));
        return Optional.of(new ModelConfig.Moe(
                count.getAsInt(),
                config.requiredInteger("num_experts_per_tok"),
                size,
                config.flag("norm_topk_prob", false)));
    }

    private List<ModelConfig.Layer> layers(int headDim) {
        int count = config.requiredInteger("num_hidden_layers");
        if (count < 1 || count > 10_000) {
            throw new ModelFormatException(config.at("num_hidden_layers"), "expected 1 to 10000, found " + count);
        }
        RopeReader rope = new RopeReader(config, headDim);
        int[] noRope = config.integers("no_rope_layers"); // smollm3: 0 marks a layer that has none
        List<ModelConfig.Layer> layers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean sliding = sliding(i, count);
            int window = sliding ? config.requiredInteger("sliding_window") : AttentionSpec.NO_WINDOW;
            boolean turns = noRope.length > 0 ? i >= noRope.length || noRope[i] != 0 : turnsByInterval(i);
            layers.add(new ModelConfig.Layer(window, turns ? Optional.of(rope.of(sliding)) : Optional.empty()));
        }
        return layers;
    }

    private boolean turnsByInterval(int layer) {
        var interval = config.integer("no_rope_layer_interval");
        return !modelType.equals("smollm3") || (layer + 1) % Math.max(1, interval.orElse(4)) != 0;
    }

    private boolean sliding(int layer, int count) {
        Optional<List<Json>> types = config.array("layer_types");
        if (types.isPresent()) {
            if (types.get().size() != count) {
                throw new ModelFormatException(
                        config.at("layer_types"),
                        "expected " + count + " entries, found " + types.get().size());
            }
            Json type = types.get().get(layer);
            return switch (type instanceof Json.Str s ? s.value() : type.kind()) {
                case "sliding_attention" -> true;
                case "full_attention" -> false;
                default ->
                    throw new ModelFormatException(
                            config.at("layer_types"),
                            "expected full_attention or sliding_attention, found " + type.kind());
            };
        }
        return switch (modelType) {
            case "gemma2" -> layer % 2 == 0;
            case "gemma3_text", "gemma3" -> (layer + 1) % Math.max(1, gemma3Pattern()) != 0;
            case "qwen2", "qwen3" ->
                config.flag("use_sliding_window", false)
                        && config.has("sliding_window")
                        && layer >= config.integer("max_window_layers").orElse(28);
            case "qwen3_moe" -> config.flag("use_sliding_window", false) && config.has("sliding_window");
            case "smollm3" ->
                config.flag("use_sliding_window", false) && config.has("sliding_window") && turnsByInterval(layer);
            default -> config.has("sliding_window");
        };
    }

    private int gemma3Pattern() {
        return config.integer("sliding_window_pattern")
                .orElse(config.integer("_sliding_window_pattern").orElse(6));
    }

    /** The rotary embeddings of full and of sliding layers. */
    private static final class RopeReader {
        private final Fields config;
        private final int headDim;
        private final RopeConfig full;
        private final RopeConfig sliding;

        RopeReader(Fields config, int headDim) {
            this.config = config;
            this.headDim = headDim;
            Optional<Fields> v5 = config.fields("rope_parameters");
            Optional<Fields> scaling = v5.isPresent() ? v5 : config.fields("rope_scaling");
            boolean perKind = scaling.flatMap(s -> s.fields("full_attention")).isPresent();
            full = rope(perKind ? scaling.flatMap(s -> s.fields("full_attention")) : scaling, OptionalDouble.empty());
            if (perKind) {
                sliding = rope(scaling.flatMap(s -> s.fields("sliding_attention")), OptionalDouble.empty());
            } else if (config.has("rope_local_base_freq")) {
                sliding = rope(Optional.empty(), config.number("rope_local_base_freq"));
            } else {
                sliding = full;
            }
        }

        RopeConfig of(boolean slidingLayer) {
            return slidingLayer ? sliding : full;
        }

        private RopeConfig rope(Optional<Fields> parameters, OptionalDouble localBase) {
            double base = localBase.isPresent()
                    ? localBase.getAsDouble()
                    : number(parameters, "rope_theta")
                            .orElse(config.number("rope_theta").orElse(10_000));
            double partial = number(parameters, "partial_rotary_factor")
                    .orElse(config.number("partial_rotary_factor").orElse(1));
            if (!(base > 0) || !(partial > 0 && partial <= 1)) {
                throw new ModelFormatException(
                        config.at("rope_theta"),
                        "expected a positive base and a rotary part up to 1, found " + base + " and " + partial);
            }
            RopeScaling scaling = parameters.map(this::scaling).orElse(new RopeScaling.None());
            return new RopeConfig(base, (int) (headDim * partial), scaling, RopeSpec.Pairing.HALVES);
        }

        private static OptionalDouble number(Optional<Fields> fields, String name) {
            return fields.map(f -> f.number(name)).orElse(OptionalDouble.empty());
        }

        private RopeScaling scaling(Fields f) {
            String type = f.string("rope_type")
                    .or(() -> f.string("type"))
                    .orElse("default")
                    .toLowerCase(Locale.ROOT);
            return switch (type) {
                case "default" -> new RopeScaling.None();
                case "linear" -> new RopeScaling.Linear(factor(f));
                case "dynamic" -> new RopeScaling.Dynamic(factor(f), originalContext(f));
                case "llama3" ->
                    new RopeScaling.Llama3(
                            factor(f),
                            positive(f, "low_freq_factor", 1),
                            positive(f, "high_freq_factor", 4),
                            originalContext(f));
                case "yarn" -> yarn(f);
                case "longrope", "su" -> longRope(f);
                default ->
                    throw new ModelFormatException(
                            f.at("rope_type"),
                            "expected default, linear, dynamic, llama3, yarn or longrope, found " + type);
            };
        }

        private RopeScaling yarn(Fields f) {
            double factor = f.has("factor") ? factor(f) : stretch(originalContext(f));
            OptionalDouble attention = f.number("attention_factor");
            double mscale = f.number("mscale").orElse(0);
            double mscaleAll = f.number("mscale_all_dim").orElse(0);
            if (attention.isEmpty() && mscale != 0 && mscaleAll != 0) {
                attention = OptionalDouble.of(
                        RopeConfig.yarnMagnitude(factor, mscale) / RopeConfig.yarnMagnitude(factor, mscaleAll));
            }
            double fast = f.number("beta_fast").orElse(0);
            double slow = f.number("beta_slow").orElse(0);
            return new RopeScaling.Yarn(
                    factor,
                    originalContext(f),
                    fast == 0 ? 32 : fast,
                    slow == 0 ? 1 : slow,
                    attention,
                    f.flag("truncate", true));
        }

        private RopeScaling longRope(Fields f) {
            int original = originalContext(f);
            double factor = f.number("factor").orElse(stretch(original));
            double attention = f.number("attention_factor")
                    .orElse(factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original)));
            return new RopeScaling.LongRope(factors(f, "short_factor"), factors(f, "long_factor"), original, attention);
        }

        private List<Double> factors(Fields f, String name) {
            List<Double> values = f.numbers(name).orElse(List.of());
            double partial = f.number("partial_rotary_factor")
                    .orElse(config.number("partial_rotary_factor").orElse(1));
            int pairs = (int) (headDim * partial) / 2;
            if (values.size() != pairs) {
                throw new ModelFormatException(
                        f.at(name), "expected " + pairs + " numbers, one a pair, found " + values.size());
            }
            return values;
        }

        private double stretch(int original) {
            return (double) config.integer("max_position_embeddings").orElse(2048) / original;
        }

        private int originalContext(Fields f) {
            int original = f.integer("original_max_position_embeddings")
                    .orElse(config.integer("original_max_position_embeddings")
                            .orElse(config.integer("max_position_embeddings").orElse(2048)));
            if (original < 1) {
                throw new ModelFormatException(
                        f.at("original_max_position_embeddings"), "expected at least 1, found " + original);
            }
            return original;
        }

        private static double factor(Fields f) {
            return positive(f, "factor", Double.NaN);
        }

        private static double positive(Fields f, String name, double otherwise) {
            double value = f.number(name).orElse(otherwise);
            if (!(value > 0) || Double.isInfinite(value)) {
                throw new ModelFormatException(f.at(name), "expected a positive number, found " + value);
            }
            return value;
        }
    }
}
