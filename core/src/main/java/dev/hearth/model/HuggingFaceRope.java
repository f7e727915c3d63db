package dev.hearth.model;

import dev.hearth.format.Fields;
import dev.hearth.format.ModelFormatException;
import dev.hearth.spi.RopeSpec;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** The rotary embeddings of full and of sliding layers. */
final class HuggingFaceRope {
    private final Fields config;
    private final int headDim;
    private final RopeConfig full;
    private final RopeConfig sliding;

    HuggingFaceRope(Fields config, int headDim) {
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

    RopeConfig full() {
        return full;
    }

    RopeConfig sliding() {
        return sliding;
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
            case "dynamic" ->
                f.has("alpha") && f.number("alpha").orElse(0) > 0
                        ? new RopeScaling.Alpha(positive(f, "alpha", 1))
                        : new RopeScaling.Dynamic(factor(f), originalContext(f));
            case "proportional" ->
                new RopeScaling.Proportional(positive(f, "partial_rotary_factor", 1), positive(f, "factor", 1));
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
                        "expected default, linear, dynamic, llama3, yarn, longrope or proportional, found " + type);
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
